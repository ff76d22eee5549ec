package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.target.SshHost;
import dev.gitopsexecutor.target.SshIdentity;
import dev.gitopsexecutor.target.SshTarget;
import java.time.InstantSource;
import java.util.UUID;

/** One deploy from its first connection to its proof, or back. */
public final class Deployment implements AutoCloseable {
    private final DeployInput input;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final Fleet fleet;
    private final Groundwork groundwork;

    private Deployment(DeployInput input, DeployScope scope, Cancellation cancellation) {
        this.input = input;
        this.scope = scope;
        this.cancellation = cancellation;
        this.fleet = new Fleet(
                input.allowed().environment().hosts().stream()
                        .map(host -> new HostDeployment(sshHost(host), scope))
                        .toList(),
                scope);
        this.groundwork = new Groundwork(input.spec(), scope, fleet, cancellation);
    }

    /**
     * Starts to connect to the hosts and returns at once: the caller reads the Compose file and the secrets meanwhile.
     *
     * @param ssh what logs in to every host
     */
    public static Deployment begin(
            DeployInput input,
            SshIdentity ssh,
            JobLog log,
            InstantSource clock,
            Cancellation cancellation,
            DeployTimes times) {
        EnvironmentRule rule = input.allowed().environment();
        DeployScope scope = new DeployScope(
                SshTarget.open(ssh),
                rule.directory(),
                input.spec().project(),
                Origin.of(input.allowed().identity()),
                UUID.randomUUID().toString(),
                times,
                log,
                clock);
        return new Deployment(input, scope, cancellation);
    }

    /**
     * Blocks until every host is on the wanted release or back on its last one. A failure after the first change is
     * printed where it happens and is in the outcome.
     *
     * @param compose the text of the Compose file at the job's commit
     * @throws dev.gitopsexecutor.failure.ExecutorException for everything that fails before the first change
     */
    public DeployOutcome finish(String compose, DeploySecrets secrets) throws InterruptedException {
        return new DeployRun(input, compose, secrets, scope, fleet, groundwork, cancellation).run();
    }

    private static SshHost sshHost(HostRule rule) {
        return new SshHost(rule.name(), rule.address(), rule.port(), rule.user(), rule.trust());
    }

    @Override
    public void close() {
        groundwork.close();
        fleet.close();
        scope.target().close();
    }
}
