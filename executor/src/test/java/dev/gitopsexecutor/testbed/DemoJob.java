package dev.gitopsexecutor.testbed;

import dev.gitopsexecutor.testbed.JobResult.Status;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A job that the demo can run, with what must become of it. */
enum DemoJob {
    STAGING("staging", AppVariant.HEALTHY, Status.SUCCESS, "A commit on develop is deployed to staging"),
    PRODUCTION("production", AppVariant.HEALTHY, Status.SUCCESS, "A commit on main is deployed to production"),
    FLEET("fleet", AppVariant.HEALTHY, Status.SUCCESS, "A commit on develop is deployed to both hosts"),
    FEATURE("production", AppVariant.HEALTHY, Status.SCRIPT_FAILURE, "A feature branch claims production") {
        @Override
        String branch(DeployEnvironment environment) {
            return "feature/x";
        }
    },
    UNHEALTHY("staging", AppVariant.UNHEALTHY, Status.SCRIPT_FAILURE, "A release whose health check fails"),
    WRONG_VERSION(
            "staging", AppVariant.WRONG_VERSION, Status.SCRIPT_FAILURE, "A release that runs other code than its tag"),
    CRASHES("staging", AppVariant.CRASHES, Status.SCRIPT_FAILURE, "A release that ends at once");

    private final String environmentName;
    private final AppVariant variant;
    private final Status expected;
    private final String title;

    DemoJob(String environmentName, AppVariant variant, Status expected, String title) {
        this.environmentName = environmentName;
        this.variant = variant;
        this.expected = expected;
        this.title = title;
    }

    static Optional<DemoJob> named(String name) {
        return Arrays.stream(values()).filter(job -> job.label().equals(name)).findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(DemoJob::label).collect(Collectors.joining(", "));
    }

    /** As it is typed. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    Status expected() {
        return expected;
    }

    String branch(DeployEnvironment environment) {
        return environment.branch();
    }

    DeployEnvironment environment(Testbed testbed) {
        return testbed.environment(environmentName);
    }

    Release release(Testbed testbed) throws IOException, InterruptedException {
        DeployEnvironment environment = environment(testbed);
        return environment.release(variant, branch(environment), UnaryOperator.identity());
    }
}
