package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.target.SshHost;
import dev.gitopsexecutor.target.SshTarget;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/** Runs one deploy from its plan to its proof, or back. */
public final class Deployer {
    private final JobLog log;
    private final InstantSource clock;
    private final Cancellation cancellation;
    private final DeployTimes times;

    public Deployer(JobLog log, InstantSource clock, Cancellation cancellation, DeployTimes times) {
        this.log = log;
        this.clock = clock;
        this.cancellation = cancellation;
        this.times = times;
    }

    /**
     * Blocks until every host is on the wanted release or back on its last one. A failure after the first change is
     * printed where it happens and is in the outcome.
     *
     * @throws dev.gitopsexecutor.failure.ExecutorException for everything that fails before the first change
     */
    public DeployOutcome deploy(DeployInput input) throws InterruptedException {
        EnvironmentRule rule = input.allowed().environment();
        try (SshTarget target = SshTarget.open(rule.sshKeyFile())) {
            DeployScope scope = new DeployScope(
                    target,
                    rule.directory(),
                    input.spec().project(),
                    Origin.of(input.allowed().identity()),
                    UUID.randomUUID().toString(),
                    times,
                    log,
                    clock);
            List<HostDeployment> hosts = rule.hosts().stream()
                    .map(host -> new HostDeployment(sshHost(host), scope))
                    .toList();
            try (Fleet fleet = new Fleet(hosts, scope)) {
                return new DeployRun(input, scope, fleet, cancellation).run();
            }
        }
    }

    private static SshHost sshHost(HostRule rule) {
        return new SshHost(rule.name(), rule.address(), rule.port(), rule.user(), rule.hostKey());
    }
}
