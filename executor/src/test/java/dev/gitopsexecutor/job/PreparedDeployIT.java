package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen and done of a deploy ahead of it: by a job that prepares, and by the packaged program. */
@RealParts
class PreparedDeployIT {
    @TempDir
    private Path tree;

    @Test
    void preparesAndShowsADeployWithoutChangingAnything(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("prepared")
                .on("web-1", "web-2")
                .withOwnIdentity()
                .create();
        Release release = environment.release();
        RunnerJob job = environment.prepareJob(release);

        JobResult prepared = environment.runner().run(job);

        assertStatus(prepared, SUCCESS);
        assertThat(prepared.log())
                .contains("web-1, web-2: nothing of ours -> " + release.tag(), "variables added: DATABASE_PASSWORD")
                .contains("Prepared: nothing that runs was changed.")
                .doesNotContain(environment.databasePassword());
        for (TargetHost host : environment.hosts()) {
            assertThat(images(host)).contains(release.digest());
            assertThat(host.run("ls", "-A", environment.directory())).isEmpty();
        }
        assertNothingLeft(job);
        assertThat(Files.readString(AuditLog.in(environment.configuration().stateDirectory())))
                .contains("\"act\":\"prepare\"");

        JobResult deployed = environment.runner().run(environment.job(release));
        assertStatus(deployed, SUCCESS);
        Map<String, String> files = new TreeMap<>();
        Release next = environment.release(AppVariant.HEALTHY, release.branch(), committed -> {
            committed.computeIfPresent("compose.yaml", (_, text) -> text + "x-note: a new line\n");
            committed.computeIfPresent(
                    ".gitops/deploy.yaml", (_, text) -> text.replace("LOG_LEVEL", "LOG_DEPTH") + "files: [conf]\n");
            committed.put("conf/app.conf", "first\n");
            files.putAll(committed);
            return committed;
        });
        write(files);

        String before = snapshot(environment, release, next);
        Outcome plan = run(environment, "plan", next.sha(), "--exit-code");

        assertThat(plan.output)
                .contains(
                        "web-1, web-2: %s (".formatted(release.tag()),
                        "-> %s (digest is known when it is pulled)".formatted(next.tag()),
                        "+x-note: a new line",
                        "variables added: LOG_DEPTH",
                        "variables removed: LOG_LEVEL",
                        "Vault was not asked for the values of secrets")
                .doesNotContain("DATABASE_PASSWORD", environment.databasePassword(), "refused");
        assertThat(plan.code).isEqualTo(3);
        assertThat(snapshot(environment, release, next)).isEqualTo(before);
        assertThat(run(environment, "plan", next.sha()).code).isZero();

        Outcome pulled = run(environment, "prepull", next.sha());

        assertThat(pulled.code).as(pulled.output).isZero();
        for (TargetHost host : environment.hosts()) {
            assertThat(pulled.output).containsPattern(host.name() + ": (pulled|present already)");
            assertThat(images(host)).contains(next.digest());
            assertThat(environment.answer(host)).contains(release.tag());
        }
        assertThat(run(environment, "plan", next.sha()).output)
                .contains("web-1, web-2: %s (%s) -> %s (%s)"
                        .formatted(release.tag(), digits(release), next.tag(), digits(next)));
        assertStatus(environment.runner().run(environment.job(next)), SUCCESS);
        Outcome same = run(environment, "plan", next.sha(), "--exit-code");
        assertThat(same.output).contains("already on " + next.tag(), "nothing will restart");
        assertThat(same.code).isZero();
        Files.writeString(tree.resolve("conf/app.conf"), "second\n");
        Outcome file = run(environment, "plan", next.sha(), "--exit-code");
        assertThat(file.output)
                .contains("files of the repository that travel along: others than before")
                .doesNotContain("nothing will restart");
        assertThat(file.code).isEqualTo(3);

        refuses(environment, next);
    }

    private void refuses(DeployEnvironment environment, Release release) throws Exception {
        assertThat(run(environment, "plan", "abc").output)
                .contains("--commit abc", "a full commit hash", "git rev-parse HEAD");
        environment.configuration().freeze();
        assertThat(run(environment, "plan", release.sha()).output).contains("A deploy would be refused: freeze: ");
        Path spec = tree.resolve(".gitops/deploy.yaml");
        Files.writeString(spec, Files.readString(spec).replace("/shop/app:", "/evil/app:"));
        assertThat(run(environment, "plan", release.sha()).output)
                .contains("A deploy would be refused: release_image: ");
        Outcome evil = run(environment, "prepull", release.sha());
        assertThat(evil.output).contains("[POLICY_DENIED]");
        assertThat(evil.code).isEqualTo(2);
        Files.delete(tree.resolve("compose.yaml"));
        Files.createSymbolicLink(tree.resolve("compose.yaml"), Path.of("/etc/hostname"));
        assertThat(run(environment, "plan", release.sha()).output).contains("it leads out of the repository");
        RunnerJob job = environment.prepareJob(environment.release(AppVariant.HEALTHY, release.branch(), files -> {
            files.computeIfPresent(".gitops/deploy.yaml", (_, text) -> text.replace("/shop/app:", "/evil/app:"));
            return files;
        }));
        JobResult denied = environment.runner().run(job);
        assertStatus(denied, SCRIPT_FAILURE);
        assertThat(denied.log()).contains("POLICY_DENIED", "release_image");
    }

    private void write(Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = tree.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
    }

    /** Everything that could be touched on the hosts: files with their times, images, containers. */
    private static String snapshot(DeployEnvironment environment, Release... releases) {
        String digests = Arrays.stream(releases).map(Release::digest).collect(Collectors.joining("\n"));
        return environment.hosts().stream()
                .map(host -> host.run("find", environment.directory(), "-printf", "%p %T@ %C@ %s %m\n")
                        + host.run(
                                "sh",
                                "-c",
                                "docker image ls --digests --no-trunc --format '{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}}' | grep -F \"$0\" || :",
                                digests)
                        + host.run(
                                "docker",
                                "ps",
                                "-a",
                                "--no-trunc",
                                "--filter",
                                "label=com.docker.compose.project=" + environment.project(),
                                "--format",
                                "{{.ID}} {{.Image}} {{.CreatedAt}}"))
                .collect(Collectors.joining());
    }

    private static String images(TargetHost host) {
        return host.run("docker", "image", "ls", "--digests", "--no-trunc");
    }

    private static String digits(Release release) {
        return release.digest().substring("sha256:".length(), "sha256:".length() + 12);
    }

    private record Outcome(int code, String output) {}

    private Outcome run(DeployEnvironment environment, String command, String sha, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                System.getProperty("launcher", ""),
                command,
                environment.name(),
                "--repository=" + tree,
                "--commit=" + sha,
                "--config=" + environment.configuration().executorYaml()));
        words.addAll(List.of(more));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Outcome(process.waitFor(), output);
    }
}
