package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.CommitOrder;
import dev.gitopsexecutor.deploy.DeployInput;
import dev.gitopsexecutor.deploy.EnvironmentSpec;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.policy.PromotionCheck;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What a release must pass that is allowed so far: evidence of the tier below, and everything again before the first change. */
final class ReleaseGate implements DeployInput.Gate {
    private final ExecutorConfig config;
    private final Admission admission;
    private final Allowed allowed;
    private final DeployRecorder recorder;
    private final SecretsStep secrets;
    private final EnvironmentSpec variables;
    private final CommitHistory history;
    private final InstantSource clock;
    private final JobLog log;

    ReleaseGate(
            ExecutorConfig config,
            Admission admission,
            Allowed allowed,
            DeployRecorder recorder,
            SecretsStep secrets,
            EnvironmentSpec variables,
            CommitHistory history,
            InstantSource clock,
            JobLog log) {
        this.config = config;
        this.admission = admission;
        this.allowed = allowed;
        this.recorder = recorder;
        this.secrets = secrets;
        this.variables = variables;
        this.history = history;
        this.clock = clock;
        this.log = log;
    }

    /** What can be said before a secret is read. */
    void requireAnyEvidence() {
        var _ = requireEvidence(PromotionCheck::decideEarly);
    }

    @Override
    public void require(Collection<ImageRef> images) {
        requireEvidence(check -> check.decide(images))
                .flatMap(check -> check.gap(images))
                .ifPresent(log::fact);
    }

    /** The wait for the locks may have been long. */
    @Override
    public void enter(RunningVersion release, Map<HostName, Optional<String>> current) {
        admission.decideAgain(allowed);
        var _ = requireEvidence(check -> check.decide(release.images().values()));
        recorder.requireNewest(variables.secrets());
        recorder.begin(release);
        secrets.keepFor(release.release());
        admission.allow(allowed, DecisionLog.DEPLOY);
    }

    @Override
    public CommitOrder order(CommitSha deployed) {
        return history.compare(deployed, allowed.identity().sha());
    }

    private Optional<PromotionCheck> requireEvidence(Function<PromotionCheck, Optional<Denied>> decision) {
        Set<EnvKey> keys = new HashSet<>(variables.names());
        keys.addAll(variables.without());
        Optional<PromotionCheck> check =
                admission.undecidedWhenFailing(() -> Promotions.check(config, allowed, keys, clock.instant()));
        admission.require(check.flatMap(decision), allowed);
        return check;
    }
}
