package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.identity.Answer.Unasked;
import dev.gitopsexecutor.identity.Answer.Unreachable;
import dev.gitopsexecutor.model.CommitSha;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What GitLab itself says of a job in the moment of the decision.
 *
 * @param protectedRef whether the ref is protected now
 * @param protectedEnvironment whether the environment is protected now
 * @param startedByHand whether somebody pressed the job's own button
 */
public record Confirmation(
        Answer<Job> job,
        Answer<Deployment> deployment,
        Answer<Boolean> protectedRef,
        Answer<Boolean> protectedEnvironment,
        Answer<Boolean> startedByHand) {

    /** What a decision has when GitLab is not asked at all. */
    public static Confirmation none(String why) {
        return new Confirmation(
                new Unasked<>(why), new Unasked<>(why), new Unasked<>(why), new Unasked<>(why), new Unasked<>(why));
    }

    /** For the job log: what GitLab was asked about. */
    public List<String> asked() {
        Map<String, Answer<?>> asked = answers();
        asked.values().removeIf(Unasked.class::isInstance);
        return List.copyOf(asked.keySet());
    }

    /** Why GitLab could not be asked, when there was a question that it could not be asked. */
    public Optional<String> unreachable() {
        return answers().values().stream()
                .flatMap(answer -> answer instanceof Unreachable<?>(String saw) ? Stream.of(saw) : Stream.empty())
                .findFirst();
    }

    private Map<String, Answer<?>> answers() {
        Map<String, Answer<?>> answers = new LinkedHashMap<>();
        answers.put("the job", job);
        answers.put("its deployment", deployment);
        answers.put("the ref's protection", protectedRef);
        answers.put("the environment's protection", protectedEnvironment);
        answers.put("how it was started", startedByHand);
        return answers;
    }

    /**
     * The job that the job's own token belongs to.
     *
     * @param status in GitLab's words, such as {@code running}
     * @param runner absent when GitLab does not say
     */
    public record Job(String status, long id, long pipeline, long user, CommitSha sha, OptionalLong runner) {}

    /** A deployment that runs, of the job and to the environment that was asked about. */
    public record Deployment(CommitSha sha, long pendingApprovals) {}
}
