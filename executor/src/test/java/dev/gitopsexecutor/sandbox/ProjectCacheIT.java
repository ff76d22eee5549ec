package dev.gitopsexecutor.sandbox;

import static dev.gitopsexecutor.sandbox.RealSandbox.HELPER_IMAGE;
import static dev.gitopsexecutor.sandbox.RealSandbox.JOB;
import static dev.gitopsexecutor.sandbox.RealSandbox.JOB_IMAGE;
import static dev.gitopsexecutor.sandbox.RealSandbox.LIMITS;
import static dev.gitopsexecutor.sandbox.RealSandbox.OTHER_JOB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.Role;
import dev.gitopsexecutor.sandbox.SandboxSettings.Helper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the jobs of a project leave each other, on a real engine. */
@Timeout(120)
class ProjectCacheIT {
    private static final Duration KEEP = Duration.ofHours(1);

    private RealSandbox real;

    @BeforeEach
    void prepare() {
        real = new RealSandbox(LIMITS, new Helper(HELPER_IMAGE, "bridge", Optional.empty()), Optional.of(KEEP));
    }

    @AfterEach
    void remove() {
        if (real != null) {
            real.sandbox.remove(JOB);
            real.sandbox.remove(OTHER_JOB);
            real.sandbox.caches().keySet().forEach(real.sandbox::removeCache);
            real.close();
        }
    }

    @Test
    void nextJobOfTheProjectFindsWhatTheHelperLeft() {
        start(JOB, 22, true);
        helper(JOB, "mkdir -p /cache/acme/shop/key && echo cached > /cache/acme/shop/key/cache.zip");
        assertThat(real.run(JOB, Role.JOB, "ls /cache\n").code())
                .as("not the script's")
                .isNotZero();
        real.sandbox.remove(JOB);
        assertThat(real.remains()).singleElement().asString().endsWith("-cache-22-protected");

        start(OTHER_JOB, 22, true);

        assertThat(helper(OTHER_JOB, "cat /cache/acme/shop/key/cache.zip")).isEqualTo("cached\n");
    }

    @Test
    void otherProjectsAndRefsWithoutProtectionHaveAnother() {
        start(JOB, 22, true);
        helper(JOB, "echo cached > /cache/secret");

        start(OTHER_JOB, 22, false);
        assertThat(helper(OTHER_JOB, "ls -A /cache")).isEmpty();
        start(OTHER_JOB, 23, true);
        assertThat(helper(OTHER_JOB, "ls -A /cache")).isEmpty();
        assertThat(real.sandbox.caches()).hasSize(3);
    }

    @Test
    void isKeptUntilItsTimeAndWhileAJobUsesIt() {
        Instant before = Instant.now();
        start(JOB, 22, true);
        Map.Entry<String, Instant> cache =
                real.sandbox.caches().entrySet().iterator().next();

        assertThat(Duration.between(before, cache.getValue()))
                .isBetween(KEEP.minusSeconds(1), KEEP.plus(Duration.ofMinutes(2)));
        assertThat(real.sandbox.removeCache(cache.getKey())).isFalse();
        assertThat(real.sandbox.caches()).containsKey(cache.getKey());
        real.sandbox.remove(JOB);
        assertThat(real.sandbox.removeCache(cache.getKey())).isTrue();
        assertThat(real.sandbox.caches()).isEmpty();
    }

    private void start(JobId job, long project, boolean refProtected) {
        real.start(new SandboxSpec(
                job,
                new ProjectId(project),
                refProtected,
                Optional.empty(),
                new SandboxSpec.Image(JOB_IMAGE, Optional.empty()),
                List.of(),
                List.of(),
                SandboxSpec.Requirements.NONE,
                Instant.now().plus(Duration.ofMinutes(10)),
                Map.of()));
    }

    private String helper(JobId job, String command) {
        RealSandbox.Result result = real.run(job, Role.HELPER, command + "\n");
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }
}
