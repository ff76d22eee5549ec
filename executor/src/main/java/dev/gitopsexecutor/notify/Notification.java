package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.EnvironmentName;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What people are told. Texts are masked already; each channel cleans, cuts and escapes them.
 *
 * @param isTest whether nothing happened at all
 * @param tier one word, in lower case
 * @param project its path in GitLab
 * @param version what is, or was to be, deployed: tags
 * @param previous what ran before
 * @param startedBy a name of GitLab, or of an operator
 * @param took from the beginning to this event
 * @param hosts in the order of the policy
 * @param problem what failed; empty when all is as it was wanted
 * @param now what happened then, or what runs now, as a sentence
 */
public record Notification(
        DeployEvent event,
        boolean isTest,
        EnvironmentName environment,
        String tier,
        String project,
        Optional<String> version,
        Optional<String> previous,
        Optional<Commit> commit,
        String startedBy,
        Links links,
        Optional<Duration> took,
        List<String> hosts,
        Optional<Problem> problem,
        Optional<String> now) {

    public Notification {
        hosts = List.copyOf(hosts);
    }

    /** What was committed, by whom. */
    public record Commit(CommitSha sha, Optional<String> title, Optional<String> author) {}

    /** Where to read more; only {@code http} and {@code https} are shown. */
    public record Links(Optional<URI> pipeline, Optional<URI> job, Optional<URI> report) {}

    /**
     * Why it is red.
     *
     * @param code of the failure
     * @param sentence what was tried and seen; may have several lines
     * @param next the one thing to do now
     */
    public record Problem(String code, String sentence, String next) {}

    /** Whether somebody wanted it to end. */
    boolean isCanceled() {
        return problem.filter(why -> why.code().equals("CANCELED")).isPresent();
    }

    /** Whether somebody's attention is asked for: what was wanted did not come, or no longer is. */
    public boolean isAlarming() {
        if (isCanceled()) {
            return false;
        }
        return switch (event) {
            case FAILED, DRIFT -> true;
            case ROLLED_BACK -> problem.isPresent();
            case STARTED, SUCCEEDED, DENIED -> false;
        };
    }
}
