package dev.gitopsexecutor.model;

/** Which of the two containers that a job's scripts run in. */
public enum Role {
    /** Runs the runner's own stages, with git and a network; holds the job's token. */
    HELPER,
    /** Runs the job's own script, without a network. */
    JOB;

    /** As in names, labels and messages. */
    public String lowerCase() {
        return switch (this) {
            case HELPER -> "helper";
            case JOB -> "job";
        };
    }
}
