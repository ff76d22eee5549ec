package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.target.SshTarget;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;

/**
 * What all hosts of one deploy share.
 *
 * @param directory on each host
 * @param who deploys, for those who wait for a lock
 * @param places where a release may be asked for in public
 * @param token tells this deploy's own locks from others'
 * @param journal hears of every check
 */
record DeployScope(
        SshTarget target,
        String directory,
        ProjectName project,
        Origin origin,
        String who,
        String token,
        DeployTimes times,
        JobLog log,
        InstantSource clock,
        RolloutRule rollout,
        PublicPlaces places,
        CheckJournal journal)
        implements AutoCloseable {

    Deadline in(Duration time) {
        return Deadline.after(clock, time);
    }

    /** Throws {@code HOST_UNSUITABLE} when somebody else deploys to the directory on that host. */
    void requireOwnReleases(HostName host, HostState state, EnvironmentName environment) {
        state.requireReleasesOf(origin.project(), project, environment, "%s:%s".formatted(host, directory));
    }

    /** Lines of the log that say which host they are about. */
    Consumer<String> factsOf(HostName host) {
        return line -> log.fact("%s: %s".formatted(host, line));
    }

    /** Tells what explains a failed check of a host, line by line to {@code facts} and whole to the journal. */
    void explain(HostName host, List<String> lines, Consumer<String> facts) {
        lines.forEach(facts);
        journal.explain(host.value(), lines);
    }

    /** A step that must end what it began, whatever the runner wishes. */
    static Cancellation never() {
        return new Cancellation();
    }

    @Override
    public void close() {
        target.close();
    }
}
