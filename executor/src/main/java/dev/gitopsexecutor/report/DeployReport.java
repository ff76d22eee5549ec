package dev.gitopsexecutor.report;

import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectName;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All facts of a deploy that has ended, however that was. Texts are as they came: whoever shows one masks and escapes it.
 *
 * @param where empty when the job was not proven to be anybody's, or the policy does not know its environment
 * @param url at which users reach the environment
 * @param wanted what was to run; empty when the deploy failed before anybody knew
 * @param previous what ran before, on the first host that had anything
 * @param hosts in the order of the policy; empty when no host was changed or looked at
 * @param phases in the order of their starts
 * @param checks in the order in which they were known
 * @param explanations of checks that failed, host by host
 * @param failure empty when the job is green
 */
public record DeployReport(
        Outcome outcome,
        Optional<Where> where,
        Job job,
        Links links,
        Optional<URI> url,
        Instant started,
        Instant ended,
        Optional<RunningVersion> wanted,
        Optional<RunningVersion> previous,
        List<HostOutcome> hosts,
        List<JobLog.Span> phases,
        List<CheckJournal.Entry> checks,
        List<CheckJournal.Explanation> explanations,
        Optional<Failure> failure) {

    public DeployReport {
        hosts = List.copyOf(hosts);
        phases = List.copyOf(phases);
        checks = List.copyOf(checks);
        explanations = List.copyOf(explanations);
    }

    /** Why the release came. */
    public enum Kind {
        DEPLOY,
        ROLLBACK
    }

    /**
     * How it ended.
     *
     * @param word {@link dev.gitopsexecutor.deploy.DeployOutcome#word}, or one of the constants here
     */
    public record Outcome(String word, boolean isGreen, Kind kind) {
        /** It failed before its first change. */
        public static final String NOTHING_CHANGED = "nothing_changed";
        /** The policy refused it; nothing was changed. */
        public static final String DENIED = "denied";
        /** It ended by a bug: nobody knows what was changed. */
        public static final String UNKNOWN = "unknown";

        /** What was thrown instead of an outcome. */
        public static Outcome of(Failure failure, Kind kind) {
            String word = switch (failure.code()) {
                case POLICY_DENIED -> DENIED;
                case INTERNAL -> UNKNOWN;
                default -> NOTHING_CHANGED;
            };
            return new Outcome(word, false, kind);
        }
    }

    /**
     * What was deployed to.
     *
     * @param tier in GitLab's words: {@code production}
     * @param project of Compose; empty when the deploy failed before it was read
     */
    public record Where(EnvironmentName environment, String tier, Optional<ProjectName> project) {}

    /**
     * Who deployed what.
     *
     * @param project its path in GitLab; empty, as {@code startedBy}, when the job was not proven to be anybody's
     * @param startedBy a login in GitLab
     */
    public record Job(
            JobId id,
            OptionalLong pipeline,
            Optional<String> project,
            Commit commit,
            String ref,
            Optional<String> startedBy) {}

    /**
     * As the commit itself has it, which is what its author claims.
     *
     * @param title the first line of its message
     * @param author a name
     */
    public record Commit(CommitSha sha, Optional<String> title, Optional<String> author) {}

    /**
     * Pages of GitLab; none when the job was not proven to be anybody's.
     *
     * @param report where it shows this report; empty when the job keeps no such artifact
     */
    public record Links(Optional<URI> pipeline, Optional<URI> job, Optional<URI> report) {}

    public Duration took() {
        return Duration.between(started, ended);
    }

    /** What people are told of, if they want to hear of that. */
    public DeployEvent event() {
        if (outcome.isGreen()) {
            return outcome.kind() == Kind.ROLLBACK ? DeployEvent.ROLLED_BACK : DeployEvent.SUCCEEDED;
        }
        return switch (outcome.word()) {
            case Outcome.DENIED -> DeployEvent.DENIED;
            case "rolled_back", "canceled" -> DeployEvent.ROLLED_BACK;
            case "no_longer_well" -> DeployEvent.DRIFT;
            default -> DeployEvent.FAILED;
        };
    }

    /** The outcome as one sentence without its full stop. */
    public String sentence() {
        String saw = failure.map(it -> it.saw().strip().lines().findFirst().orElse(""))
                .orElse("");
        return switch (outcome.word()) {
            case "deployed" ->
                outcome.kind() == Kind.ROLLBACK ? "Put back, proven healthy" : "Deployed, proven healthy";
            case "unchanged" -> "Ran already, proven healthy again";
            case "no_longer_well" -> "Ran already, and is no longer well: " + saw;
            case "rolled_back" -> "Rolled back: " + saw;
            case "canceled" -> "Canceled, and rolled back";
            case "nothing_to_roll_back_to" -> "Failed, and there was nothing to go back to: " + saw;
            case "rollback_failed" -> "Failed, and could not be rolled back: " + saw;
            case "overtaken" -> "Overtaken by another deploy: " + saw;
            case "mixed" -> "Failed on some hosts: " + saw;
            case "stopped" -> "Failed, and stopped there: " + saw;
            case Outcome.DENIED -> "Denied, nothing was changed: " + saw;
            case Outcome.NOTHING_CHANGED ->
                failure.filter(it -> it.code() == FailureCode.CANCELED).isPresent()
                        ? "Canceled, nothing was changed"
                        : "Failed, nothing was changed: " + saw;
            default -> "Ended by a bug, look at the hosts: " + saw;
        };
    }
}
