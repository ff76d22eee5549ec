package dev.gitopsexecutor.policy;

import java.util.Optional;

/**
 * What each of a job's containers may use at most; what is empty, or more than the machine gives, is as the machine
 * has it.
 *
 * @param cpus in processors, such as 1.5
 * @param workspaceBytes of the checkout and of the cache each, and of any one file
 */
public record JobLimits(
        Optional<Long> memoryBytes, Optional<Double> cpus, Optional<Long> pids, Optional<Long> workspaceBytes) {
    public static final JobLimits NONE =
            new JobLimits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
