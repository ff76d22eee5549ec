package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.DeployInput;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.deploy.DeployTimes;
import dev.gitopsexecutor.deploy.Deployment;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.RunningRelease;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Maintenance;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.Replacement;
import dev.gitopsexecutor.secrets.SecretHashKey;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** Deploys what runs once more, with another value of one secret. */
final class RotationDeploy {
    private final ExecutorConfig config;
    private final SecretUse use;
    private final RunningRelease running;
    private final SshLogin login;
    private final TokenRevoker revoker;
    private final Invocation invocation;
    private final JobLog log;

    RotationDeploy(
            ExecutorConfig config,
            SecretUse use,
            RunningRelease running,
            SshLogin login,
            TokenRevoker revoker,
            Invocation invocation,
            JobLog log) {
        this.config = config;
        this.use = use;
        this.running = running;
        this.login = login;
        this.revoker = revoker;
        this.invocation = invocation;
        this.log = log;
    }

    /**
     * Blocks until every host runs with the new value or with the old one again, and Vault likewise, with the hosts still
     * locked where it goes back. Throws what comes before the first change.
     *
     * @param permission is asked for once more under the locks
     * @param change is written under the locks
     */
    DeployOutcome run(Supplier<Maintenance> permission, SecretField field, SecretValue value, ValueChange change)
            throws InterruptedException {
        SortedMap<EnvKey, SecretValue> variables = new TreeMap<>(running.variables());
        use.variables().forEach(variable -> variables.put(variable, value));
        Maintenance allowed = permission.get();
        DeployRecorder recorder = new DeployRecorder(
                config.stateDir(),
                new DeployRecorder.Subject(
                        allowed.environment(),
                        origin(),
                        use.deployment().project(),
                        Optional.of(variables.keySet()),
                        true,
                        DeploymentRecord.Kind.DEPLOY),
                new Need(false, log),
                invocation.clock().instant(),
                invocation.clock());
        Gate gate = new Gate(permission, recorder, change, written -> see(field, value, written));
        DeployInput input = new DeployInput(allowed, origin(), running.spec(), gate);
        var secrets = new DeploySecrets(variables, versions(change.replacement()), Optional.empty());
        try (Deployment deployment = Deployment.begin(
                input,
                login,
                log,
                invocation.clock(),
                invocation.cancellation(),
                DeployTimes.defaults(),
                new CheckJournal(invocation.clock()))) {
            DeployOutcome outcome = deploy(
                    () -> recorder.watch(() -> deployment.finish(running.compose(), running.shipped(), secrets)),
                    change);
            switch (outcome) {
                case DeployOutcome.Deployed deployed -> {
                    change.finish();
                    revoker.revokeOutlived(place(), deployed.retained(), log);
                }
                case DeployOutcome.RolledBack _, DeployOutcome.NothingToRollBackTo _ -> change.undo();
                case DeployOutcome.RollbackFailed _,
                        DeployOutcome.Overtaken _,
                        DeployOutcome.Mixed _,
                        DeployOutcome.Stopped _,
                        DeployOutcome.Unchanged _,
                        DeployOutcome.NoLongerWell _ -> change.leave();
            }
            return outcome;
        }
    }

    private static DeployOutcome deploy(DeployRecorder.Work work, ValueChange change) throws InterruptedException {
        try {
            return work.run();
        } catch (ExecutorException nothingChanged) {
            change.undo();
            throw nothingChanged;
        } catch (RuntimeException bug) {
            change.leave();
            throw bug;
        }
    }

    private String place() {
        return VaultAccess.place(
                use.deployment().environment(), use.deployment().project());
    }

    /** The last job that was proven there: an older one would seem outdated to the hosts. */
    private Origin origin() {
        return use.deployment().origin();
    }

    /** Of the others only the numbers are known, and only those are recorded. */
    private List<SecretVersion> versions(Replacement replacement) {
        SecretVersion before = replacement.before();
        List<SecretVersion> versions = new ArrayList<>();
        running.secrets().forEach((path, number) -> {
            if (!path.equals(before.path())) {
                versions.add(new SecretVersion(path, number, before.created()));
            }
        });
        versions.add(new SecretVersion(before.path(), replacement.number(), before.created()));
        return versions;
    }

    private SecretSighting see(SecretField field, SecretValue value, SecretVersion version) {
        SecretHashKey key = SecretHashKey.open(SecretHashKey.in(config.stateDir()));
        SecretSighting seen = new SecretSighting(
                field,
                key.hash(field.toString(), value),
                Optional.of(new SecretSighting.Version(version.version(), version.created())));
        try (Ledger ledger = Ledger.open(Ledger.in(config.stateDir()))) {
            var _ = ledger.see(List.of(seen), invocation.clock().instant());
        }
        return seen;
    }

    /** What runs there was allowed when it came; it must still be that, and the time is asked about again. */
    private final class Gate implements DeployInput.Gate {
        private final Supplier<Maintenance> permission;
        private final DeployRecorder recorder;
        private final ValueChange change;
        private final Function<SecretVersion, SecretSighting> see;

        Gate(
                Supplier<Maintenance> permission,
                DeployRecorder recorder,
                ValueChange change,
                Function<SecretVersion, SecretSighting> see) {
            this.permission = permission;
            this.recorder = recorder;
            this.change = change;
            this.see = see;
        }

        @Override
        public void require(Collection<ImageRef> images) {}

        @Override
        public void enter(RunningVersion release, Map<HostName, Optional<String>> current) {
            String known = running.version().release().value();
            Maintenance allowed = permission.get();
            if (current.values().stream().anyMatch(name -> !name.equals(Optional.of(known)))) {
                throw new ExecutorException(new Failure(
                        FailureCode.OUTDATED,
                        "deploy with another value of a secret",
                        "environment %s".formatted(allowed.environment().name()),
                        "another release came while this waited; nothing was changed",
                        "Do this again."));
            }
            recorder.begin(release);
            new HeldTokens(config.stateDir())
                    .share(place(), known, release.release().value());
            SecretSighting seen = see.apply(change.write());
            recorder.read(
                    versions(change.replacement()),
                    Optional.of(use.with(seen, change.replacement().before().version())));
        }
    }
}
