package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.job.JobAssertions.partsOf;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.secrets.LeakSearch;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobEngine;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Canary secrets of a green deploy are in the env file and in the service's own environment, and nowhere else, in none of
 * the spellings that the masker knows.
 */
@RealPartsAlone
class LeaksIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where files of any program may be written, on the machine of the executor. */
    private static final List<String> TEMPORARY = List.of("/tmp", "/var/tmp", "/dev/shm", "/run");

    private final TreeMap<String, String> places = new TreeMap<>();

    @Test
    void canariesAreNowhereElse(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("canary").create();
        // The last line of the password is this environment's own, and no quoting of the whole changes it otherwise.
        String password = environment.databasePassword().lines().toList().getLast();
        LeakSearch search = new LeakSearch(password, testbed.registry().password());
        TargetHost host = environment.hosts().getFirst();
        Instant started = Instant.now();
        RunnerJob job = environment
                .job(environment.release())
                .withScript(
                        "env",
                        "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' || true",
                        "find / -xdev -newer /proc/1 -type f 2>/dev/null || true");

        RunningJob running = environment.runner().start(job);
        Set<String> processes = new ConcurrentSkipListSet<>();
        Thread sampler = Thread.ofPlatform().start(() -> sampleProcesses(processes));
        // The secrets are read and on the host, and the job's containers are still there.
        assertThat(running.log().await(text -> text.contains("is current, its"), Duration.ofMinutes(2)))
                .isTrue();
        lookIntoTheJobsContainers(job, search);
        JobResult result = running.result();
        sampler.interrupt();
        sampler.join();

        assertStatus(result, SUCCESS);
        places.put("the job log", result.log());
        places.put("the runner's log", result.runnerLog());
        places.put("arguments and environments of processes", String.join("\n", processes));
        places.put("images of the runner's engine", inspected("image"));
        places.put("networks of the runner's engine", inspected("network"));
        places.put("volumes of the runner's engine", inspected("volume"));
        places.put("what the host's engine tells, but the service's environment", hostEngine(host, environment));
        places.put(
                "what happened in the host's engine",
                host.run("docker", "events", "--since", Long.toString(started.getEpochSecond()), "--until", "0s"));
        places.put("the kernel's log", host.run("sh", "-c", "dmesg 2>/dev/null || :"));
        assertThat(processes)
                .as("the sampler saw the executor at work")
                .anyMatch(text -> text.contains("gitops-executor.jar"))
                .anyMatch(text -> text.startsWith("core 0"))
                .as("no crash of it would leave a core")
                .noneMatch(text -> text.startsWith("core ") && !text.startsWith("core 0"));
        places.forEach((place, text) ->
                assertThat(search.in(text)).as("canaries in " + place).isEmpty());
        assertThat(places.get("what the host's engine tells, but the service's environment"))
                .as("the service is told of there")
                .contains("LOG_LEVEL", environment.project());

        // Ledger with its write-ahead log, audit log, keys, tokens.
        assertNoFile(environment.configuration().stateDirectory(), Instant.EPOCH, search, Path.of("/none"));
        for (String directory : TEMPORARY) {
            // The testbed's own files are the other side: Vault, GitLab and the registry.
            assertNoFile(
                    Path.of(directory), started, search, testbed.scratch("").toAbsolutePath());
        }
        assertThat(filesOfTheHost(host, search))
                .as("files of the host: home directories and their histories, logs, temporary files, the engine's own")
                .contains(host.run("readlink", "-f", environment.directory() + "/current/.env")
                        .strip())
                .allMatch(file -> isTheService(file, environment, host));
        assertThat(host.run("sh", "-c", "ls -A /dev/shm /run/user /home/deploy/.docker 2>/dev/null || :"))
                .as("where the credential of the registry was while images were pulled")
                .doesNotContain("gitops-executor", "config.json");
    }

    /** While they live and after the script: environment, files and volumes. */
    private void lookIntoTheJobsContainers(RunnerJob job, LeakSearch search) throws Exception {
        List<String> names = partsOf(job).stream()
                .filter(name -> name.startsWith("/"))
                .map(name -> name.substring(1))
                .toList();
        assertThat(names).as("containers of the job").hasSizeGreaterThanOrEqualTo(2);
        for (String name : names) {
            places.put("the engine's words of " + name, docker(List.of("inspect", name), ""));
            // Patterns come on stdin: on the command line the search would find itself.
            String found = docker(
                    List.of(
                            "exec",
                            "-i",
                            name,
                            "sh",
                            "-c",
                            "LC_ALL=C grep -rlaF -D skip -f - / --exclude-dir=sys --exclude-dir=proc --exclude-dir=usr"
                                    + " 2>/dev/null; echo control | grep control"),
                    patterns(search));
            assertThat(found).as("files in " + name).isEqualTo("control\n");
            places.put(
                    "processes in " + name,
                    docker(
                            List.of(
                                    "exec",
                                    name,
                                    "sh",
                                    "-c",
                                    "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null"),
                            ""));
        }
    }

    /** Everything that the runner's engine has of a kind. */
    private static String inspected(String kind) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(kind, "inspect"));
        docker(List.of(kind, "ls", "-q"), "").lines().distinct().forEach(words::add);
        return docker(words, "");
    }

    private static String docker(List<String> arguments, String stdin) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("docker", "-H", "unix://" + JobEngine.socket()));
        words.addAll(arguments);
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = process.getOutputStream()) {
            out.write(stdin.getBytes(UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return output;
    }

    /** Containers, images, networks and volumes; without the one place where a service's environment belongs. */
    private static String hostEngine(TargetHost host, DeployEnvironment environment) throws IOException {
        JsonNode containers = JSON.readTree(host.run("sh", "-c", "docker inspect $(docker ps -aq)"));
        for (JsonNode container : containers) {
            JsonNode config = container.path("Config");
            if (config.at("/Labels/com.docker.compose.project").asText().equals(environment.project())) {
                List<String> keys = new ArrayList<>();
                config.path("Env").forEach(entry -> keys.add(entry.asText().replaceFirst("=(?s:.*)", "")));
                assertThat(keys).contains("DATABASE_PASSWORD");
                ((ObjectNode) config).put("Env", String.join(" ", keys));
            }
        }
        return containers
                + host.run(
                        "sh",
                        "-c",
                        "docker image inspect $(docker image ls -q | sort -u);"
                                + " docker network inspect $(docker network ls -q); docker volume ls --format '{{json .}}'");
    }

    /** Every file of the host with a canary in it, whosever and wherever: /var/log, /root, /home, /tmp, /var/lib/docker, … */
    private static List<String> filesOfTheHost(TargetHost host, LeakSearch search) {
        return host.run("sh", "-c", """
                printf '%s\\n' "$@" | LC_ALL=C grep -rlaF -D skip -f - / \
                  --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null || :
                LC_ALL=C; export LC_ALL
                printf '%s\\n' "$@" | grep -rlaF -D skip -f - /dev/shm 2>/dev/null || :
                """, "search", patterns(search))
                .lines()
                .distinct()
                .toList();
    }

    /** The env file itself, and what the engine and its runtime keep of the container that has these variables. */
    private static boolean isTheService(String file, DeployEnvironment environment, TargetHost host) {
        if (file.matches(environment.directory() + "/\\.gitops/releases/[^/]+/\\.env")) {
            return true;
        }
        if (file.endsWith("/io.containerd.metadata.v1.bolt/meta.db")) {
            return true;
        }
        String id = file.replaceFirst(".*/([0-9a-f]{64})/.*", "$1");
        return file.matches("/(var/lib/docker/containers|run)/.*(config\\.v2|config|state)\\.json")
                && host.run(
                                "docker",
                                "ps",
                                "-aq",
                                "--no-trunc",
                                "--filter",
                                "label=com.docker.compose.project=" + environment.project())
                        .contains(id);
    }

    private static String patterns(LeakSearch search) {
        return String.join(
                "\n",
                search.spellings().stream().filter(text -> !text.contains("\n")).toList());
    }

    /** Everything that a process of this machine shows of itself, sampled until interrupted. */
    private static void sampleProcesses(Set<String> seen) {
        while (!Thread.currentThread().isInterrupted()) {
            try (Stream<Path> all = Files.list(Path.of("/proc"))) {
                all.filter(path -> path.getFileName().toString().matches("\\d+"))
                        .filter(path -> !path.getFileName()
                                .toString()
                                .equals(Long.toString(ProcessHandle.current().pid())))
                        .forEach(path -> sample(path, seen));
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
    }

    private static void sample(Path process, Set<String> seen) {
        // In this order: a process that becomes the service in between is seen as the service.
        String environment = read(process.resolve("environ"));
        String command = read(process.resolve("cmdline"));
        // The service itself: its environment is where the secrets belong. Its runtime has it for a moment before.
        if (command.startsWith("/bin/httpd")) {
            return;
        }
        seen.add(command);
        seen.add(environment);
        if (command.contains("/runtime/bin/java\0")) {
            read(process.resolve("limits"))
                    .lines()
                    .filter(line -> line.startsWith("Max core file size"))
                    .forEach(line -> seen.add("core " + line.split(" +", -1)[4]));
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }

    private static void assertNoFile(Path directory, Instant since, LeakSearch search, Path except) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.toList()) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    if (!entry.startsWith(except) && !except.startsWith(entry) && Files.isReadable(entry)) {
                        assertNoFile(entry, since, search, except);
                    }
                } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
                        && !Files.getLastModifiedTime(entry).toInstant().isBefore(since)) {
                    try (InputStream stream = Files.newInputStream(entry)) {
                        assertThat(search.in(stream)).as("canaries in " + entry).isEmpty();
                    }
                }
            }
        } catch (NoSuchFileException removedMeanwhile) {
            return;
        }
    }
}
