package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A job of the demo that stays up, by name. */
enum DemoJob {
    STAGING("staging", AppVariant.HEALTHY),
    PRODUCTION("production", AppVariant.HEALTHY),
    FLEET("fleet", AppVariant.HEALTHY),
    FEATURE("production", AppVariant.HEALTHY) {
        @Override
        String branch(DeployEnvironment environment) {
            return "feature/x";
        }
    },
    UNHEALTHY("staging", AppVariant.UNHEALTHY),
    WRONG_VERSION("staging", AppVariant.WRONG_VERSION),
    CRASHES("staging", AppVariant.CRASHES);

    private final String environmentName;
    private final AppVariant variant;

    DemoJob(String environmentName, AppVariant variant) {
        this.environmentName = environmentName;
        this.variant = variant;
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
