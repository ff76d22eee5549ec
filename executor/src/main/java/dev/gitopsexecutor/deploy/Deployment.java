package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.target.SshHost;
import dev.gitopsexecutor.target.SshIdentity;
import dev.gitopsexecutor.target.SshTarget;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;

/** One deploy from its first connection to its proof, or back. */
public final class Deployment implements AutoCloseable {
    private final Setup setup;

    private Deployment(Setup setup) {
        this.setup = setup;
    }

    /** What a deploy works with from its first connection on. */
    record Setup(
            DeployInput input,
            DeployScope scope,
            Fleet fleet,
            Groundwork groundwork,
            Outdated outdated,
            Cancellation cancellation) {}

    /**
     * Starts to connect to the hosts and returns at once: the caller reads the Compose file and the secrets meanwhile.
     *
     * @param login to every host; is asked here once, so that a key that cannot be used is said once
     * @param journal hears of every check
     */
    public static Deployment begin(
            DeployInput input,
            Supplier<SshIdentity> login,
            JobLog log,
            InstantSource clock,
            Cancellation cancellation,
            DeployTimes times,
            CheckJournal journal) {
        DeployScope scope = scope(
                input.environment(),
                input.origin(),
                input.who(),
                input.spec().project(),
                login,
                times,
                log,
                clock,
                journal);
        Fleet fleet = fleet(input.environment(), scope);
        Outdated outdated = new Outdated(input.origin(), input.gate()::order, log);
        Groundwork groundwork = new Groundwork(input.spec(), scope, fleet, outdated, cancellation);
        return new Deployment(new Setup(input, scope, fleet, groundwork, outdated, cancellation));
    }

    static DeployScope scope(
            EnvironmentRule rule,
            Origin origin,
            String who,
            ProjectName project,
            Supplier<SshIdentity> login,
            DeployTimes times,
            JobLog log,
            InstantSource clock,
            CheckJournal journal) {
        var _ = login.get();
        return new DeployScope(
                SshTarget.open(login),
                rule.directory(),
                project,
                origin,
                who,
                UUID.randomUUID().toString(),
                times,
                log,
                clock,
                rule.rollout(),
                PublicPlaces.of(rule.checks()),
                journal);
    }

    static Fleet fleet(EnvironmentRule rule, DeployScope scope) {
        return new Fleet(
                rule.hosts().stream()
                        .map(host -> new HostDeployment(sshHost(host), scope))
                        .toList(),
                scope);
    }

    /**
     * Blocks until every host is on the wanted release or back on its last one. A failure after the first change is
     * printed where it happens and is in the outcome.
     *
     * @param compose the text of the Compose file at the job's commit
     * @param shipped the files of that commit that travel along
     * @throws ExecutorException for everything that fails before the first change
     */
    public DeployOutcome finish(String compose, ShippedFiles shipped, DeploySecrets secrets)
            throws InterruptedException {
        try {
            return new DeployRun(setup, compose, shipped, secrets).run();
        } catch (ExecutorException failed) {
            if (failed.code() == FailureCode.HOST_UNREACHABLE
                    && setup.cancellation().isRequested()) {
                // Whoever saw that first has closed the connections, also of what was done beside it.
                throw Fleet.canceled("getting ready");
            }
            throw failed;
        }
    }

    private static SshHost sshHost(HostRule rule) {
        return new SshHost(rule.name(), rule.address(), rule.port(), rule.user(), rule.trust());
    }

    @Override
    public void close() {
        setup.groundwork().close();
        setup.fleet().close();
        setup.scope().close();
    }
}
