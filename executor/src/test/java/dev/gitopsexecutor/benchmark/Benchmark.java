package dev.gitopsexecutor.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.deploy.FleetRun;
import dev.gitopsexecutor.secrets.MaskerSpeed;
import dev.gitopsexecutor.target.FakeHosts;
import dev.gitopsexecutor.testbed.Checkout;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.Images;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.Progress;
import dev.gitopsexecutor.testbed.Registry;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.StageResult;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures the stages and whole jobs of the packaged program on the testbed, beside a Java program that says hello and
 * a plain {@code ssh … docker compose up -d} of the same release, all in one run.
 *
 * <p>Usage: {@code Benchmark JOBS}: so many jobs of each kind; single processes are started five times as often.
 */
public final class Benchmark implements AutoCloseable {
    private static final int PROCESSES_PER_JOB = 5;
    private static final String PLAIN = "/opt/plain";

    private final Testbed testbed;
    private final DeployEnvironment environment;
    private final Path launcher;
    private final FakeHosts fakes;
    private final Measurements measurements = new Measurements();
    private int version;

    private Benchmark(Testbed testbed) throws IOException {
        this.testbed = testbed;
        this.environment = testbed.newEnvironment("bench").create();
        this.launcher = Checkout.launcher();
        this.fakes = FakeHosts.start(200, testbed.scratch("fake-hosts"));
    }

    public static void main(String[] arguments) throws Exception {
        int jobs = Integer.parseInt(arguments[0]);
        Progress progress = new Progress(System.err);
        try (Testbed testbed = Testbed.start(progress);
                Benchmark benchmark = new Benchmark(testbed)) {
            // Once unmeasured: images, page cache, the first release on the host.
            benchmark.environment.runner().run(benchmark.environment.job(benchmark.environment.release()));
            for (int run = 0; run < jobs; run++) {
                benchmark.round();
            }
            System.out.print(benchmark.measurements.table());
        }
    }

    @Override
    public void close() {
        fakes.close();
    }

    /** Everything once, interleaved so that a slow minute of the machine hits all alike. */
    private void round() throws Exception {
        for (int run = 0; run < PROCESSES_PER_JOB; run++) {
            measurements.addTime("JVM floor: a program that says hello", time(hello()));
            measurements.addTime("`config` process", time(config()));
        }
        measurements.addMemory("`config` process, most memory", memory(config()));
        measurements.addTime(
                "container floor: `docker exec` of `true`",
                time(List.of("docker", "exec", host().containerId(), "true")));
        measurements.addTime(
                "container floor: `docker run --rm` of `true`",
                time(List.of("docker", "run", "--rm", "--network=none", Images.JOB, "true")));
        masker();
        verify();
        Release release = environment.release();
        pull(release);
        RunnerJob job = environment.job(release);
        JobResult deployed = environment.runner().run(job);
        add("deploy job", deployed);
        phases(deployed);
        add("no-change deploy job", environment.runner().run(environment.job(release)));
        add("fast rollback job", environment.runner().run(environment.another(job, "rollback")));
        fleets();
        Release other = environment.release();
        pull(other);
        measurements.addTime("plain `ssh docker compose pull && up -d`, proving nothing", time(plain(other)));
    }

    /** By the table that the job log ends with. */
    private void phases(JobResult deployed) {
        Matcher table = Pattern.compile("(?ms)^PHASE .*?^total ").matcher(deployed.log());
        if (!table.find()) {
            throw new IllegalStateException("no phases in the log:\n" + deployed.log());
        }
        Matcher phase = Pattern.compile("(?m)^(\\w+) +([0-9.]+) +[0-9]+ %").matcher(table.group());
        while (phase.find()) {
            long millis = Math.round(Double.parseDouble(phase.group(2)) * 1000);
            measurements.addTime("deploy job, of its build_script: " + phase.group(1), Duration.ofMillis(millis));
        }
    }

    /** The executor's own part, since these hosts answer at once; a fresh process each time. */
    private void fleets() throws IOException, InterruptedException {
        version++;
        for (int count : List.of(1, 10, 50, 200)) {
            List<String> words = new ArrayList<>(List.of(
                    launcher.resolveSibling("../runtime/bin/java").normalize().toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path")));
            words.addAll(FleetRun.arguments(fakes, count, version));
            Process process = new ProcessBuilder(words)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String[] printed = new String(process.getInputStream().readAllBytes(), UTF_8)
                    .strip()
                    .split(" ", -1);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("a deploy to %d fake hosts failed".formatted(count));
            }
            String what = count == 1 ? "deploy to 1 fake host" : "deploy to %d fake hosts at once".formatted(count);
            measurements.addTime(what, Duration.ofMillis(Long.parseLong(printed[0])));
            measurements.addMemory(what + ", most memory", Long.parseLong(printed[1]));
        }
    }

    /** Clone and {@code true}, containers and policy included; deploys nothing. */
    private void verify() throws Exception {
        RunnerJob job = environment.verifyJob(environment.release()).withScript("true");
        add("no-op job", environment.runner().run(job));
    }

    private void masker() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MaskerSpeed.class.getName(),
                        "1")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().forEach(line -> {
            String[] words = line.split(" ", -1);
            measurements.addSpeed("`masker`, a %s text".formatted(words[0]), Long.parseLong(words[1]));
        });
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the masker's measurement ended with " + process.exitValue());
        }
    }

    private void add(String kind, JobResult result) {
        if (result.status() != JobResult.Status.SUCCESS) {
            throw new IllegalStateException(kind + " failed:\n" + result.log());
        }
        Duration whole = Duration.ZERO;
        for (StageResult stage : result.stages()) {
            measurements.addTime(kind + ": " + stage.name(), stage.took());
            whole = whole.plus(stage.took());
        }
        measurements.addTime("**" + kind + ", whole**", whole);
    }

    private List<String> config() {
        return List.of(
                launcher.toString(),
                "config",
                "--config=" + environment.configuration().executorYaml());
    }

    private List<String> hello() {
        Path java = launcher.resolveSibling("../runtime/bin/java").normalize();
        return List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Hello.class.getName());
    }

    /** So that neither way of deploying pays for the network. */
    private void pull(Release release) {
        host().run(
                        "sh",
                        "-c",
                        """
                        export DOCKER_CONFIG=%2$s/login
                        install -d -o deploy -g deploy %2$s && install -d -o deploy -g deploy -m 0700 "$DOCKER_CONFIG"
                        printf %%s "$2" | docker login -u "$1" --password-stdin %1$s && docker pull -q "$3"
                        chown -R deploy "$DOCKER_CONFIG"
                        """.formatted(Registry.ADDRESS, PLAIN),
                        "pull",
                        testbed.registry().username(),
                        testbed.registry().password(),
                        image(release));
    }

    private static String image(Release release) {
        return Registry.ADDRESS + "/shop/app:" + release.tag();
    }

    /** The same release by the means that everybody has, in a directory of its own. */
    private List<String> plain(Release release) {
        String compose = """
                services:
                  app:
                    image: %s
                    ports: ["127.0.0.1:8099:8080"]
                """.formatted(image(release));
        host().makeDirectory(PLAIN);
        host().run("sh", "-c", "cat > " + PLAIN + "/compose.yaml <<'EOF'\n" + compose + "EOF");
        return List.of(
                "ssh",
                "-i",
                testbed.sshKey().toString(),
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "LogLevel=ERROR",
                host().user() + "@" + host().address(),
                "cd %1$s && export DOCKER_CONFIG=%1$s/login && docker compose -p plain pull --quiet && docker compose -p plain up -d"
                        .formatted(PLAIN));
    }

    private TargetHost host() {
        return environment.hosts().getFirst();
    }

    private static Duration time(List<String> words) throws IOException, InterruptedException {
        long started = System.nanoTime();
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words + " ended with " + process.exitValue());
        }
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** In KiB: the largest resident size of the process or of one that it started. */
    private static long memory(List<String> words) throws IOException, InterruptedException {
        List<String> measured = new ArrayList<>(List.of("python3", "-c", """
                import resource, subprocess, sys
                subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
                print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
                """));
        measured.addAll(words);
        Process process = new ProcessBuilder(measured)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words + " ended with " + process.exitValue());
        }
        return Long.parseLong(printed.strip());
    }
}
