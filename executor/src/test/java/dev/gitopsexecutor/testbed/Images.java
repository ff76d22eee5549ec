package dev.gitopsexecutor.testbed;

/** The images that scripts/lib/images.sh puts into the engine. */
public final class Images {
    public static final String HOST = "gitops-executor/host:1";
    public static final String JOB = "gitops-executor/job:1";
    public static final String HELPER = "gitops-executor/helper:1";
    public static final String APP = "gitops-executor/app:1";

    private Images() {}
}
