package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobEngine;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hostile image and a hostile script try to get out or to do harm; nothing succeeds, and the deploy still verifies. */
@RealParts
class EscapeIT {
    private final String image = "gitops-executor-test/hostile:" + UUID.randomUUID();

    private final DockerClient engine = JobEngine.client();

    @TempDir
    private Path directory;

    @AfterEach
    void removeImage() {
        engine.listImagesCmd()
                .withReferenceFilter(image)
                .exec()
                .forEach(_ -> engine.removeImageCmd(image).withForce(true).exec());
    }

    @Test
    void nothingGetsOutAndTheDeployStillVerifies(Testbed testbed) throws Exception {
        buildHostileImage();
        Path canary = canary();
        DeployEnvironment environment =
                testbed.newEnvironment("hostile").jobImage(image).create();
        Release release = environment.release();
        RunnerJob other = environment.job(release);
        URI vault = URI.create(testbed.vault().address());
        RunnerJob job = environment
                .job(release)
                .withImage(image)
                .withVariable("BASH_ENV", canary.toString())
                .withVariable("ENV", canary.toString())
                .withVariable("LD_PRELOAD", canary.toString())
                .withVariable("GIT_SSH_COMMAND", canary.toString())
                .withVariable("GIT_EXTERNAL_DIFF", canary.toString())
                .withVariable("JAVA_TOOL_OPTIONS", "-javaagent:" + canary)
                .withVariable("DOCKER_HOST", "tcp://127.0.0.1:1")
                .withVariable("VAULT_ADDR", "http://127.0.0.1:1")
                .withScript(
                        "exec 2>/dev/null",
                        "export VAULT_HOST=%s VAULT_PORT=%d OTHER=%d"
                                .formatted(
                                        vault.getHost(),
                                        vault.getPort(),
                                        other.origin().id()),
                        "bash /hostile.sh",
                        "exec 2>&1");

        JobResult result = environment.runner().run(job);

        // The whole log is a hundred megabytes long.
        List<String> said = result.log()
                .lines()
                .filter(line -> !line.startsWith("a line that nobody needs"))
                .toList();
        assertThat(said).filteredOn(line -> line.contains("ESCAPED")).isEmpty();
        assertThat(said).anyMatch(line -> line.contains("tried everything"));
        assertThat(result.status()).as(() -> String.join("\n", said)).isEqualTo(SUCCESS);
        assertThat(result.log()).hasSizeGreaterThan(100 << 20);
        assertThat(canary.resolveSibling("fired")).doesNotExist();
        assertRuns(environment, environment.hosts().getFirst(), release);
        assertNothingLeft(job);
        // What ran out for the hostile job did not for the next one.
        JobResult next = environment
                .runner()
                .run(environment.job(release).withImage(image).withScript("echo fine"));
        assertStatus(next, SUCCESS);
    }

    @Test
    void variablesOfTheJobChangeNothingOnTheMachine(Testbed testbed) throws Exception {
        Path canary = canary();
        DeployEnvironment environment = testbed.newEnvironment("canary").create();
        RunnerJob job = environment
                .job(environment.release())
                .withVariable(
                        "PATH", canary.getParent() + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

        JobResult result = environment.runner().run(job);

        assertStatus(result, SUCCESS);
        assertThat(canary.resolveSibling("fired")).doesNotExist();
    }

    /** A program on the machine that leaves a trace when anybody runs it, under the names that one would take. */
    private Path canary() throws IOException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        String program = "#!/bin/sh\ntouch '%s'\n".formatted(bin.resolve("fired"));
        for (String name : new String[] {"canary", "git", "docker", "ssh", "sh", "java"}) {
            Files.writeString(bin.resolve(name), program);
            Files.setPosixFilePermissions(bin.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return bin.resolve("canary");
    }

    private void buildHostileImage() throws IOException {
        Path context = Files.createDirectory(directory.resolve("image"));
        Files.copy(Path.of("src/test/resources/hostile.sh"), context.resolve("hostile.sh"));
        Path dockerfile = Files.writeString(context.resolve("Dockerfile"), """
                FROM gitops-executor/job:1
                COPY hostile.sh /hostile.sh
                RUN cp /usr/bin/perl /rootperl && chmod 4755 /rootperl && cp /bin/bash /rootbash && chmod 6755 /rootbash \\
                  && chmod 0777 /etc /usr/bin && mkdir -m 0777 /host && ln -s / /host/link
                ENV BASH_ENV=/hostile-env LD_LIBRARY_PATH=/tmp
                USER root
                VOLUME ["/var/run", "/host"]
                WORKDIR /host
                ENTRYPOINT ["/bin/bash", "/hostile.sh", "entrypoint"]
                """);
        engine.buildImageCmd()
                .withBaseDirectory(context.toFile())
                .withDockerfile(dockerfile.toFile())
                .withTags(Set.of(image))
                .exec(new BuildImageResultCallback())
                .awaitImageId();
    }
}
