package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Canary secrets of a green deploy are in the env file and in the service's own environment, and nowhere else. */
@RealPartsAlone
class LeaksIT {

    @Test
    void canariesAreNowhereElse(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("canary").create();
        RunnerJob job = environment
                .job(environment.release())
                .withScript(
                        "env",
                        "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' || true",
                        "find / -xdev -newer /proc/1 -type f 2>/dev/null || true");
        List<String> canaries =
                canaries(environment.databasePassword(), testbed.registry().password());
        TargetHost host = environment.hosts().getFirst();

        RunningJob running = environment.runner().start(job);
        Set<String> processes = new ConcurrentSkipListSet<>();
        Thread sampler = Thread.ofPlatform().start(() -> sampleProcesses(processes));
        JobResult result = running.result();
        sampler.interrupt();
        sampler.join();

        assertStatus(result, SUCCESS);
        TreeMap<String, String> places = new TreeMap<>();
        places.put("the job log", result.log());
        places.put("the runner's log", result.runnerLog());
        places.put("arguments and environments of processes", String.join("\n", processes));
        places.put("the state directory", everyFile(environment.configuration().stateDirectory()));
        places.put(
                "the host's temporary files",
                host.run("sh", "-c", "grep -rIl '' /tmp /var/tmp /dev/shm /run/user 2>/dev/null | xargs -r cat"));
        places.put("the deploy user's home", host.run("sh", "-c", "find /home/deploy -type f -exec cat {} +"));
        places.put(
                "the registry credential of the host's engine",
                host.run(
                        "sh",
                        "-c",
                        "cat /root/.docker/config.json /home/deploy/.docker/config.json 2>/dev/null || true"));
        places.put(
                "the release without its env file",
                host.run("sh", "-c", "find " + environment.directory() + " -type f ! -name .env -exec cat {} +"));
        places.put(
                "labels and command of the service",
                host.run(
                        "sh",
                        "-c",
                        "docker inspect --format '{{json .Config.Labels}} {{json .Config.Cmd}} {{json .Args}} {{json .HostConfig}}' $(docker ps -aq)"));
        assertThat(processes)
                .as("the sampler saw the executor at work")
                .anyMatch(text -> text.contains("gitops-executor.jar"));
        places.forEach((place, text) -> assertThat(canaries.stream().filter(text::contains))
                .as("canaries in " + place)
                .isEmpty());

        assertThat(host.run("sh", "-c", "ls -A /dev/shm /run/user /home/deploy/.docker 2>/dev/null || :"))
                .as("where the credential of the registry was while images were pulled")
                .doesNotContain("gitops-executor", "config.json");
        assertThat(host.run("cat", environment.directory() + "/current/.env"))
                .as("the search finds what is there")
                .contains(canaries.getFirst());
    }

    /** The part of each secret that no quoting changes, as it is and in the encodings that programs print. */
    private static List<String> canaries(String... secrets) {
        List<String> found = new ArrayList<>();
        for (String secret : secrets) {
            // The end of a testbed's secrets is random hexadecimal text.
            String end = secret.substring(secret.length() - 24);
            byte[] bytes = end.getBytes(UTF_8);
            found.add(end);
            found.add(HexFormat.of().formatHex(bytes));
            found.add(URLEncoder.encode(secret, UTF_8));
            for (int shift = 0; shift < 3; shift++) {
                byte[] shifted = new byte[bytes.length + shift];
                System.arraycopy(bytes, 0, shifted, shift, bytes.length);
                String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
                found.add(encoded.substring(shift == 0 ? 0 : 4, encoded.length() - 2));
            }
        }
        return found;
    }

    /** Everything that a process of this machine shows of itself, sampled until interrupted. */
    private static void sampleProcesses(Set<String> seen) {
        while (!Thread.currentThread().isInterrupted()) {
            try (Stream<Path> all = Files.list(Path.of("/proc"))) {
                all.filter(path -> path.getFileName().toString().matches("\\d+"))
                        .filter(path -> !path.getFileName()
                                .toString()
                                .equals(Long.toString(ProcessHandle.current().pid())))
                        .forEach(path -> {
                            // In this order: a process that becomes the service in between is seen as the service.
                            String environment = read(path.resolve("environ"));
                            String command = read(path.resolve("cmdline"));
                            // The service itself: its environment is where the secrets belong.
                            if (!command.startsWith("/bin/httpd")) {
                                seen.add(command);
                                seen.add(environment);
                            }
                        });
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }

    private static String everyFile(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return String.join(
                    "\n", all.filter(Files::isRegularFile).map(LeaksIT::read).toList());
        }
    }
}
