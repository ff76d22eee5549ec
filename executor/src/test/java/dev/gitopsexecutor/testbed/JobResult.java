package dev.gitopsexecutor.testbed;

import java.util.List;
import java.util.Optional;

/**
 * How a job ended.
 *
 * @param stages in the order they ran, those of all attempts
 * @param log what GitLab shows, not masked by the runner, so that a secret in it is seen
 * @param runnerLog what cleanup printed
 */
public record JobResult(Status status, List<StageResult> stages, String log, String runnerLog) {
    /** As GitLab would show it. */
    public enum Status {
        SUCCESS,
        SCRIPT_FAILURE,
        SYSTEM_FAILURE,
        CANCELED,
        TIMED_OUT
    }

    public JobResult {
        stages = List.copyOf(stages);
    }

    public List<String> stageNames() {
        return stages.stream().map(StageResult::name).toList();
    }

    /** The last run of that stage. */
    public Optional<StageResult> stage(String name) {
        return stages.reversed().stream()
                .filter(stage -> stage.name().equals(name))
                .findFirst();
    }
}
