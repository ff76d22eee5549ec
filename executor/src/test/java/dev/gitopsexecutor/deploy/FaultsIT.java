package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.testbed.Breakpoint;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.StageResult;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * A fault at each labelled step of a deploy. Whatever it is: in the end the host is on one whole release, its record says
 * which, and the next deploy works without anybody's help.
 */
@RealPartsAlone
class FaultsIT {

    /** Where a deploy can be held, in its order. */
    private enum Step {
        PREFLIGHT("docker", "docker version*", 0),
        READ_STATE("docker", "docker ps -aq*", 0),
        CHECK_COMPOSE_FILE("docker", "docker compose*--no-consistency*", 0),
        PULL("docker", "docker pull*", 0),
        LOCK("flock", "flock -n 9", 0),
        READ_STATE_UNDER_LOCK("docker", "docker ps -aq*", 1),
        WRITE_ENV_FILE("mktemp", "mktemp */releases/*/.env.*", 0),
        READ_BACK("docker", "docker compose*/releases/*config*", 0),
        SWAP("mv", "mv -T */current.new */current", 0),
        SWAPPED("mv", "mv -T */current.new */current", 0, true),
        UP("docker", "docker compose*/releases/*up -d*", 0),
        UP_ENDED("docker", "docker compose*/releases/*up -d*", 0, true),
        WATCH("docker", "docker ps -aq*", 2),
        RECORD_VERIFIED("mktemp", "mktemp */releases/*/release.json.*", 1),
        CONCLUDE("mktemp", "mktemp */high-water.json.*", 0);

        private final String program;
        private final String pattern;
        private final int skip;
        private final boolean after;

        Step(String program, String pattern, int skip) {
            this(program, pattern, skip, false);
        }

        Step(String program, String pattern, int skip, boolean after) {
            this.program = program;
            this.pattern = pattern;
            this.skip = skip;
            this.after = after;
        }

        Breakpoint.Where where() {
            return new Breakpoint.Where(program, pattern, skip, after);
        }
    }

    /** What a fault does to the deploy that is held. */
    private enum Fault {
        CONNECTION_CUT,
        CANCEL,
        KILL_9,
        DISK_FULL
    }

    private record Case(Step step, Fault fault) {
        @Override
        public String toString() {
            return fault + " at " + step;
        }
    }

    @Test
    void isOnOneWholeReleaseWhateverHappensWhere(Testbed testbed) throws Exception {
        Queue<Case> cases = new ArrayDeque<>();
        for (Step step : Step.values()) {
            for (Fault fault : Fault.values()) {
                boolean sense = switch (fault) {
                    case CONNECTION_CUT, CANCEL -> true;
                    // Before the lock, a process that dies is to the host a connection that does.
                    case KILL_9 -> step.compareTo(Step.LOCK) >= 0;
                    case DISK_FULL ->
                        Set.of(Step.WRITE_ENV_FILE, Step.SWAP, Step.UP, Step.RECORD_VERIFIED, Step.CONCLUDE)
                                .contains(step);
                };
                if (sense) {
                    cases.add(new Case(step, fault));
                }
            }
        }
        int wanted = cases.size();
        List<String> told = inLanes(testbed, cases);
        assertThat(told).hasSize(wanted);
        assertThat(told)
                .filteredOn(line -> line.startsWith(Fault.CANCEL.name()))
                .allMatch(line -> line.contains(": [CANCELED], then on the old release")
                        || line.contains(": canceled, then on the old release")
                        || line.contains(": deployed, then on the new release"));
        assertThat(told)
                .filteredOn(line -> line.startsWith(Fault.DISK_FULL.name()))
                .allMatch(line -> line.contains(": [HOST_UNSUITABLE], then on the old release")
                        || line.contains(": rolled_back, then on the old release")
                        || line.contains(": deployed, then on the new release"));
        assertThat(told)
                .filteredOn(line -> line.startsWith(Fault.CONNECTION_CUT.name()))
                .allMatch(line -> line.contains(": [HOST_UNREACHABLE], then on the old release")
                        || line.contains(": rolled_back, then on the old release")
                        || line.contains(": deployed, then on the new release"));
    }

    /** Each host of the testbed works off cases of its own, since most of a deploy is waiting. */
    private static List<String> inLanes(Testbed testbed, Queue<Case> cases) throws Exception {
        List<String> told = new ArrayList<>();
        List<Future<List<String>>> lanes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (TargetHost host : testbed.hosts()) {
                DeployEnvironment environment = testbed.newEnvironment("faults-" + host.name())
                        .on(host.name())
                        .rules("outdated: allow")
                        .create();
                lanes.add(threads.submit(() -> new Lane(testbed, environment).workOff(cases)));
            }
            for (Future<List<String>> lane : lanes) {
                told.addAll(lane.get());
            }
        }
        return told;
    }

    private static final class Lane {
        private final Testbed testbed;
        private final DeployEnvironment environment;
        private final TargetHost host;
        private final List<Release> releases;
        private final List<String> told = new ArrayList<>();
        private int deploys;

        Lane(Testbed testbed, DeployEnvironment environment) throws Exception {
            this.testbed = testbed;
            this.environment = environment;
            this.host = environment.hosts().getFirst();
            this.releases = List.of(environment.release(), environment.release(), environment.release());
        }

        List<String> workOff(Queue<Case> cases) throws Exception {
            String directory = environment.directory();
            // Small enough to be filled, apart from the host's disk.
            host.run("mount", "-t", "tmpfs", "-o", "size=256m,mode=755", "faults", directory);
            try {
                host.run("chown", "deploy:deploy", directory);
                return workOffThere(cases);
            } finally {
                host.run("umount", "-l", directory);
            }
        }

        private List<String> workOffThere(Queue<Case> cases) throws Exception {
            deployNext();
            for (Optional<Case> next = next(cases); next.isPresent(); next = next(cases)) {
                String id = current();
                String end = disturb(next.get());
                requireWhole(next.get().toString());
                String now = current();
                boolean old = now.equals(id);
                deployNext();
                requireTidy(next.get().toString());
                told.add("%s: %s, then on the %s release".formatted(next.get(), end, old ? "old" : "new"));
            }
            return told;
        }

        private static Optional<Case> next(Queue<Case> cases) {
            synchronized (cases) {
                return Optional.ofNullable(cases.poll());
            }
        }

        private String filler() {
            return environment.directory() + "/filler";
        }

        private Release following() {
            return releases.get(deploys++ % releases.size());
        }

        private DeployWorld world(Release release) {
            // Newer than any job's.
            DeployWorld world = new DeployWorld(testbed, environment).pipeline(Long.MAX_VALUE / 2);
            world.secret("MARK", release.tag());
            return world;
        }

        private void deployNext() throws InterruptedException {
            Release release = following();
            DeployWorld world = world(release);
            assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
            requireWhole("nothing");
            assertThat(container()).contains("MARK=" + release.tag());
        }

        private String disturb(Case fault) throws Exception {
            Release release = following();
            return fault.fault() == Fault.KILL_9 ? kill(fault.step(), release) : interrupt(fault, release);
        }

        private String interrupt(Case fault, Release release) throws Exception {
            DeployWorld world = world(release);
            try (Breakpoint held = Breakpoint.set(host, fault.step().where());
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<DeployOutcome> deploy = threads.submit(() -> world.deploy(release));
                held.await();
                switch (fault.fault()) {
                    case CANCEL -> world.cancellation().request();
                    case DISK_FULL -> host.run("sh", "-c", "dd if=/dev/zero of=$0 bs=4k || :", filler());
                    default -> held.cutConnection();
                }
                held.letGo();
                DeployOutcome outcome = deploy.get();
                assertThat(outcome.hosts().getFirst().after().map(RunningVersion::tags))
                        .as("%s: what the outcome says\n%s", fault, world.log())
                        .hasValue(running());
                return outcome.word();
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof ExecutorException said) {
                    return "[%s]".formatted(said.code());
                }
                throw new AssertionError(fault + "\n" + world.log(), failed);
            } finally {
                host.run("rm", "-f", filler());
            }
        }

        /** A whole job of the packaged program, whose process dies; the runner cleans up after it. */
        private String kill(Step step, Release release) throws Exception {
            RunnerAttempt attempt = environment.runner().attempt(environment.job(release));
            assertThat(attempt.config().succeeded()).isTrue();
            assertThat(attempt.prepare().succeeded()).as(attempt.log()).isTrue();
            assertThat(attempt.stage("get_sources").orElseThrow().succeeded()).isTrue();
            try (Breakpoint held = Breakpoint.set(host, step.where());
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Optional<StageResult>> stage = threads.submit(() -> attempt.stage("build_script"));
                held.await();
                attempt.kill();
                held.letGo();
                stage.get();
            }
            assertThat(attempt.cleanup().succeeded()).isTrue();
            return "killed";
        }

        /** The link, the record that it leads to, the files beside that, and the container are of one release. */
        private void requireWhole(String after) {
            String lock = environment.directory() + "/.gitops/lock";
            Awaitility.await("the host has ended what it began")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> host.run("sh", "-c", "flock -n \"$0\" echo free || :", lock)
                            .contains("free"));
            String record = host.run("cat", environment.directory() + "/current/release.json");
            assertThat(record).as("the record after %s", after).contains("/shop/app:" + running() + "@");
            String envFile = host.run("cat", environment.directory() + "/current/.env");
            String[] variables = EnvFile.parse(SecretValue.of(envFile)).entrySet().stream()
                    .map(variable ->
                            variable.getKey() + "=" + variable.getValue().reveal())
                    .toArray(String[]::new);
            assertThat(container()).as("the container after %s", after).contains(variables);
        }

        private void requireTidy(String after) {
            String state = environment.directory() + "/.gitops";
            assertThat(host.run("sh", "-c", "cd $0 && find . -name '*.??????????' -o -name '*.new'", state))
                    .as("half files after %s", after)
                    .isEmpty();
            assertThat(host.run("ls", state + "/releases").lines().count())
                    .as("releases after %s", after)
                    .isLessThanOrEqualTo(3);
            assertThat(host.run("ls", state).lines())
                    .as("the lock after %s", after)
                    .doesNotContain("owner.json", "holder", "beat", "busy");
        }

        private String current() {
            return host.run("readlink", environment.directory() + "/current").strip();
        }

        /** The tag of the image that the one container runs. */
        private String running() {
            String image = new DeployWorld(testbed, environment).image(host);
            return image.replaceFirst(".*:([^@:]*)@.*", "$1");
        }

        private String container() {
            return host.run(
                    "sh",
                    "-c",
                    "docker inspect --format '{{.Config.Env}}' $(docker ps -q --filter label=com.docker.compose.project=$0)",
                    environment.project());
        }
    }
}
