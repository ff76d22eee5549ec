package dev.gitopsexecutor.runner;

import dev.gitopsexecutor.model.Role;
import java.util.Set;

/** A stage as the runner names it, and the container that it belongs in. */
public record Stage(String name, Role role) {
    /** The runner's own name is the second; it renames it for custom executors, and says in each log that it will not always. */
    private static final Set<String> BUILD_SCRIPT = Set.of("build_script", "step_script");

    /** Names that later runners invent are the runner's own stages until they say otherwise, never refused. */
    public static Stage of(String name) {
        boolean jobs = BUILD_SCRIPT.contains(name) || name.startsWith("step_") || name.equals("after_script");
        return new Stage(name, jobs ? Role.JOB : Role.HELPER);
    }

    /** Whether this is the job's {@code script:}, after which a deploy happens. */
    public boolean isBuildScript() {
        return BUILD_SCRIPT.contains(name);
    }
}
