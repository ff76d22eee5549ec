package dev.gitopsexecutor.runner;

import dev.gitopsexecutor.model.Role;

/** A stage as the runner names it, and the container that it belongs in. */
public record Stage(String name, Role role) {
    private static final String BUILD_SCRIPT = "build_script";

    /** Names that later runners invent are the runner's own stages until they say otherwise, never refused. */
    public static Stage of(String name) {
        boolean jobs = name.equals(BUILD_SCRIPT) || name.startsWith("step_") || name.equals("after_script");
        return new Stage(name, jobs ? Role.JOB : Role.HELPER);
    }

    /** Whether this is the job's {@code script:}, after which a deploy happens. */
    public boolean isBuildScript() {
        return name.equals(BUILD_SCRIPT);
    }
}
