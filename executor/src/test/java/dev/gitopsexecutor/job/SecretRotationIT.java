package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Registry;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import dev.gitopsexecutor.testbed.VaultServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code secrets rotate} by the packaged program. */
@RealParts
class SecretRotationIT {
    private static final Pattern PASSWORD = Pattern.compile("(?m)^DATABASE_PASSWORD=\"([A-Za-z0-9]*)\"$");

    @Test
    void putsANewValueIntoVaultAndOnAllHosts(Testbed testbed) throws Exception {
        DeployEnvironment environment = environment(testbed, "rotated");
        JobResult deployed = environment
                .runner()
                .run(environment.job(environment.release(
                        AppVariant.HEALTHY,
                        environment.branch(),
                        files -> withJobAndFiles(files, environment.port()))));
        assertStatus(deployed, SUCCESS);
        assertThat(deployed.log())
                .contains("with it travel seed/deep/run.sh, seed/one.txt", "job ok: migrate ended with exit code 0");
        VaultServer vault = testbed.vault();
        String path = environment.secretPath();
        vault.write(path, Map.of("database_password", environment.databasePassword(), "another", "untouched"));
        assertThat(Launcher.run("secrets", "--environment=" + environment.name(), config(environment)))
                .contains(
                        "runs with version 1 of kv/%s#database_password as DATABASE_PASSWORD; version 2 is in Vault since"
                                .formatted(path));

        Outcome outcome = rotate(environment, path + "#database_password");

        assertThat(outcome.code).as(outcome.output).isZero();
        assertThat(outcome.output)
                .contains("version 3 in Vault now, in place of version 2", "version 2 is destroyed in Vault");
        String value = vault.read(path).getOrDefault("database_password", "none");
        assertThat(value).matches("[A-Za-z0-9]{40}");
        assertThat(vault.read(path)).containsEntry("another", "untouched");
        assertThat(outcome.output).doesNotContain(value, environment.databasePassword());
        for (TargetHost host : environment.hosts()) {
            assertThat(password(environment, host)).isEqualTo(value);
            assertThat(host.run("cat", environment.directory() + "/current/files/seed/one.txt"))
                    .isEqualTo("ünïcode $HOME\n");
            assertThat(host.run(
                            "sh",
                            "-c",
                            "docker exec $(docker ps -q --filter label=com.docker.compose.project=$0) /bin/sh -c"
                                    + " 'env; cat /seed/one.txt; ls /seed/deep'",
                            environment.project()))
                    .contains("ünïcode $HOME", "run.sh")
                    .contains("DATABASE_PASSWORD=" + value, "LOG_LEVEL=debug");
        }
        assertThat(vault.call("GET", "kv/metadata/" + path, Map.of())
                        .at("/data/versions/2/destroyed")
                        .asBoolean())
                .isTrue();
        assertThat(audit(environment)).contains("\"act\":\"rotate_secret\"", "\"result\":\"rotated\"", "os_user");
        assertThat(Launcher.run("secrets", "--environment=" + environment.name(), config(environment)))
                .containsPattern("database_password +3 +3 +0 d +0 d +fresh")
                .doesNotContain("not deployed");

        assertStatus(environment.runner().run(environment.job(environment.release())), SUCCESS);
        assertThat(password(environment, environment.hosts().getFirst())).isEqualTo(value);
    }

    @Test
    void putsTheOldValueBackWhenTheApplicationDoesNotLikeTheNewOne(Testbed testbed) throws Exception {
        DeployEnvironment environment = environment(testbed, "unloved", AppVariant.LIKES_BLANKS);
        String path = environment.secretPath();

        Outcome outcome = rotate(environment, path + "#database_password");

        assertThat(outcome.code).as(outcome.output).isEqualTo(2);
        assertThat(outcome.output).contains("the value of version 1 is the newest in Vault again", "[CHECK_FAILED]");
        assertThat(testbed.vault().read(path)).containsEntry("database_password", environment.databasePassword());
        assertThat(environment.answer(environment.hosts().getFirst())).contains("version");
        assertThat(audit(environment)).contains("\"result\":\"failed\"");
    }

    @Test
    void takesItBackWhenTheOperatorEndsIt(Testbed testbed) throws Exception {
        DeployEnvironment environment = environment(testbed, "ended", AppVariant.HEALTHY);
        String path = environment.secretPath();
        Process process =
                start("secrets", "rotate", environment.name(), path + "#database_password", config(environment));
        StringBuilder output = new StringBuilder();
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.append(line).append('\n');
                if (line.contains(" is current, its containers are started")) {
                    process.toHandle().destroy();
                }
            }
        }

        assertThat(process.waitFor()).as(output.toString()).isEqualTo(2);
        assertThat(output.toString()).contains("[CANCELED]", "the value of version 1 is the newest in Vault again");
        assertThat(testbed.vault().read(path)).containsEntry("database_password", environment.databasePassword());
        for (TargetHost host : environment.hosts()) {
            assertThat(host.run("cat", environment.directory() + "/current/.env"))
                    .contains("p4ss 'w\\\"ord'");
        }
    }

    @Test
    void leavesVaultAloneWhenAnotherReleaseCameMeanwhile(Testbed testbed) throws Exception {
        DeployEnvironment environment = environment(testbed, "overtaken-rotation", AppVariant.HEALTHY);
        String path = environment.secretPath();
        TargetHost host = environment.hosts().getFirst();
        String state = environment.directory() + "/.gitops";
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> holder =
                    threads.submit(() -> host.run("sh", "-c", "flock \"$0\" sleep 301 || :", state + "/lock"));
            Process rotation =
                    start("secrets", "rotate", environment.name(), path + "#database_password", config(environment));
            BufferedReader lines = rotation.inputReader(UTF_8);
            readUntil(lines, "waiting for the lock");
            assertRefused(
                    rotate(environment, path + "#database_password"), "saw:  another rotation runs on this machine");
            host.run(
                    "sh",
                    "-c",
                    "cp -a $0/releases/$(basename $(readlink $0/../current)) $0/releases/other &&"
                            + " ln -sfn .gitops/releases/other $0/../current",
                    state);
            host.run("pkill", "-f", "^sleep 301$");
            holder.get();

            assertThat(readUntil(lines, "[OUTDATED]")).contains("Cannot deploy with another value of a secret");
            assertThat(rotation.waitFor()).isEqualTo(2);
        }
        assertThat(testbed.vault()
                        .call("GET", "kv/metadata/" + path, Map.of())
                        .at("/data/current_version")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void refusesToReplaceAValueThatDoesNotRun(Testbed testbed) throws Exception {
        DeployEnvironment environment = environment(testbed, "undeployed", AppVariant.HEALTHY);
        testbed.vault().write(environment.secretPath(), Map.of("database_password", "not deployed yet"));

        assertRefused(
                rotate(environment, environment.secretPath() + "#database_password"),
                "saw:  the hosts do not run what this machine deployed last, with the value that is the newest in Vault");
        assertThat(testbed.vault().read(environment.secretPath()))
                .containsEntry("database_password", "not deployed yet");
    }

    @Test
    void refusesWhatThePolicyDoesNotLetItMake(Testbed testbed) throws Exception {
        DeployEnvironment environment = environment(testbed, "kept-secret", AppVariant.HEALTHY);

        assertRefused(
                rotate(environment, environment.secretPath() + "#another"),
                "saw:  policy.yaml does not let this machine make that value; it may make %s#database_password"
                        .formatted(environment.secretPath()));
        assertRefused(rotate(environment, "no-key"), "saw:  a secret is written path#key");
        assertRefused(
                run(
                        "secrets",
                        "rotate",
                        environment.name() + "x",
                        environment.secretPath() + "#database_password",
                        config(environment)),
                "Did you mean \"%s\"?".formatted(environment.name()));
        environment.configuration().freeze();
        assertRefused(
                rotate(environment, environment.secretPath() + "#database_password"),
                "Cannot rotate a secret. [POLICY_DENIED]");
        assertThat(testbed.vault().read(environment.secretPath()))
                .containsEntry("database_password", environment.databasePassword());
    }

    private static void assertRefused(Outcome outcome, String text) {
        assertThat(outcome.output).contains(text);
        assertThat(outcome.code).isEqualTo(2);
    }

    /** With a first release on its hosts. */
    private static Map<String, String> withJobAndFiles(Map<String, String> files, int port) {
        files.put("seed/one.txt", "ünïcode $HOME\n");
        files.put("seed/deep/run.sh", "exit 0\n");
        files.put("compose.yaml", """
                services:
                  app:
                    image: %1$s
                    ports: ["127.0.0.1:%2$d:8080"]
                    volumes: ["./seed:/seed:ro"]
                    depends_on: {migrate: {condition: service_completed_successfully}}
                  migrate:
                    image: %1$s
                    command: [/bin/sh, /seed/deep/run.sh]
                    volumes: ["./seed/deep:/seed/deep:ro"]
                """.formatted(Registry.ADDRESS + "/shop/app", port));
        files.computeIfPresent(
                ".gitops/deploy.yaml",
                (name, text) ->
                        text.replaceAll("(?m)^  app:\n(.*)$", "$0\n  migrate:\n$1\n    job: true") + "files: [seed]\n");
        return files;
    }

    private static DeployEnvironment environment(Testbed testbed, String name, AppVariant variant) throws Exception {
        DeployEnvironment environment = environment(testbed, name);
        assertStatus(environment.runner().run(environment.job(environment.release(variant))), SUCCESS);
        return environment;
    }

    private static DeployEnvironment environment(Testbed testbed, String name) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment(name)
                .on("web-1", "web-2")
                .withOwnIdentity()
                .create();
        environment
                .configuration()
                .writePolicy(Files.readString(environment.configuration().policyYaml())
                        .replace(
                                "vault: {",
                                "vault: {generated: {\"%s#database_password\": 40}, "
                                        .formatted(environment.secretPath())));
        return environment;
    }

    private record Outcome(int code, String output) {}

    private static Outcome rotate(DeployEnvironment environment, String secret) throws Exception {
        return run("secrets", "rotate", environment.name(), secret, config(environment));
    }

    private static Outcome run(String... arguments) throws Exception {
        Process process = start(arguments);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    /** The line that has it. */
    private static String readUntil(BufferedReader lines, String text) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(text)) {
                return line;
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("\"%s\" is not in%n%s".formatted(text, before));
    }

    private static Process start(String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(System.getProperty("launcher", "")));
        words.addAll(List.of(arguments));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return process;
    }

    private static String config(DeployEnvironment environment) {
        return "--config=" + environment.configuration().executorYaml();
    }

    private static String password(DeployEnvironment environment, TargetHost host) {
        Matcher matcher = PASSWORD.matcher(host.run("cat", environment.directory() + "/current/.env"));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private static String audit(DeployEnvironment environment) throws IOException {
        return Files.readString(AuditLog.in(environment.configuration().stateDirectory()));
    }
}
