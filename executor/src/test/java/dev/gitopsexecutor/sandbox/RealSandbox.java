package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.command.InspectContainerResponse;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.Endpoint;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.Role;
import dev.gitopsexecutor.testbed.JobEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** A sandbox on the machine's engine with an instance of its own; closing it removes the jobs that it started. */
final class RealSandbox implements AutoCloseable {
    static final Path SOCKET = JobEngine.socket();
    static final ImageRef JOB_IMAGE = ImageRef.parse("gitops-executor/job:1");
    static final ImageRef HELPER_IMAGE = ImageRef.parse("gitops-executor/helper:1");
    static final SandboxSettings.Limits LIMITS =
            new SandboxSettings.Limits(128L * 1024 * 1024, 1.0, 64, 64L * 1024 * 1024);
    static final JobId JOB = new JobId(71);
    static final JobId OTHER_JOB = new JobId(72);

    private static final Duration GRACE = Duration.ofSeconds(2);

    final SandboxSettings settings;
    final Sandbox sandbox;
    final Engine engine = new Engine(new EngineSocket(SOCKET));
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<ImageRef> images = new ArrayList<>();

    RealSandbox() {
        this(LIMITS, HELPER_IMAGE);
    }

    RealSandbox(SandboxSettings.Limits limits, ImageRef helperImage) {
        this(limits, new SandboxSettings.Helper(helperImage, "bridge", Optional.empty()), Optional.empty());
    }

    /** Whose scripts' ways out lead to that network. */
    RealSandbox(String egressNetwork) {
        this(
                LIMITS,
                new SandboxSettings.Helper(HELPER_IMAGE, "bridge", Optional.empty()),
                Optional.empty(),
                egressNetwork);
    }

    RealSandbox(SandboxSettings.Limits limits, SandboxSettings.Helper helper, Optional<Duration> keepCache) {
        this(limits, helper, keepCache, "bridge");
    }

    private RealSandbox(
            SandboxSettings.Limits limits,
            SandboxSettings.Helper helper,
            Optional<Duration> keepCache,
            String egressNetwork) {
        assumeTrue(
                "1".equals(System.getenv("GITOPS_TESTBED")),
                "needs a container engine and the test images: set GITOPS_TESTBED=1, as scripts/test does");
        byte[] random = new byte[4];
        ThreadLocalRandom.current().nextBytes(random);
        settings = new SandboxSettings(
                SOCKET,
                HexFormat.of().formatHex(random),
                helper,
                "/builds",
                "/cache",
                limits,
                keepCache,
                SandboxSettings.DEFAULT_APP_ARMOR,
                Optional.of(new SandboxSettings.Egress(JOB_IMAGE, egressNetwork)));
        sandbox = Sandbox.connect(settings, InstantSource.system(), GRACE);
    }

    /** What a script left behind. */
    record Result(int code, String out, String err) {}

    static SandboxSpec spec(JobId job, ImageRef image, Duration life) {
        return new SandboxSpec(
                job,
                new ProjectId(22),
                true,
                Optional.of("17.0.0"),
                new SandboxSpec.Image(image, Optional.empty()),
                List.of(),
                List.of(),
                SandboxSpec.Requirements.NONE,
                Instant.now().plus(life),
                Map.of("environment", "staging"));
    }

    /** The standard job with these besides. */
    static SandboxSpec spec(List<SandboxSpec.Service> services, List<Endpoint> egress) {
        SandboxSpec plain = spec(JOB, JOB_IMAGE, Duration.ofMinutes(10));
        return new SandboxSpec(
                plain.job(),
                plain.project(),
                plain.refProtected(),
                plain.runnerVersion(),
                plain.jobImage(),
                services,
                egress,
                plain.requirements(),
                plain.deadline(),
                plain.labels());
    }

    RealSandbox start() {
        start(spec(JOB, JOB_IMAGE, Duration.ofMinutes(10)));
        return this;
    }

    void start(SandboxSpec spec) {
        sandbox.start(spec, new JobLog(new PrintStream(log, true, UTF_8), InstantSource.system()), new Cancellation());
    }

    String log() {
        return log.toString(UTF_8);
    }

    Result run(Role role, String script) {
        return run(JOB, role, script);
    }

    Result run(JobId job, Role role, String script) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = run(job, role, script, out, err, new Cancellation());
        return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
    }

    int run(JobId job, Role role, String script, OutputStream out, OutputStream err, Cancellation cancellation) {
        try {
            Path file = Files.createTempFile("script", "");
            try {
                Files.writeString(file, script);
                return sandbox.run(job, role, file, out, err, cancellation);
            } finally {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    SandboxNames names(JobId job) {
        return new SandboxNames(settings.instance(), job);
    }

    String container(Role role) {
        return names(JOB).container(role);
    }

    /** What the engine says of one of the standard job's containers. */
    InspectContainerResponse inspect(Role role) {
        return engine.call(
                "inspect",
                Duration.ofSeconds(30),
                docker -> docker.inspectContainerCmd(container(role)).exec());
    }

    /** What the probe sees in a container that may be anybody's. */
    List<Control.Seen> look(String container, String user) {
        EngineSocket socket = new EngineSocket(SOCKET);
        return new Probe(new Execs(socket), engine, new EngineCalls(socket, Duration.ofSeconds(30)), settings)
                .look(Role.JOB, container, user);
    }

    /** Names of every container and volume on the engine that belongs to this instance. */
    List<String> remains() {
        return engine.call("list", Duration.ofSeconds(30), docker -> {
            List<String> found = new ArrayList<>();
            String label = "dev.gitopsexecutor.instance=" + settings.instance();
            docker.listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(List.of(label))
                    .exec()
                    .forEach(it -> found.add(it.getNames()[0]));
            docker.listVolumesCmd()
                    .withFilter("label", List.of(label))
                    .exec()
                    .getVolumes()
                    .forEach(it -> found.add(it.getName()));
            return found;
        });
    }

    /** An image of one Dockerfile alone, which is removed with the sandbox. */
    ImageRef build(String dockerfile) {
        ImageRef image = ImageRef.parse("gitops-executor-test/%s:%d".formatted(settings.instance(), images.size() + 1));
        images.add(image);
        try {
            Path directory = Files.createTempDirectory("image");
            Path file = Files.writeString(directory.resolve("Dockerfile"), dockerfile);
            engine.call(
                    "build",
                    Duration.ofMinutes(1),
                    docker -> docker.buildImageCmd(file.toFile())
                            .withTags(Set.of(image.toString()))
                            .start()
                            .awaitImageId());
            Files.delete(file);
            Files.delete(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return image;
    }

    @Override
    public void close() {
        sandbox.remove(JOB);
        sandbox.remove(OTHER_JOB);
        sandbox.close();
        images.forEach(image -> engine.find("remove image", Duration.ofMinutes(1), docker -> {
            docker.removeImageCmd(image.toString()).withForce(true).exec();
            return true;
        }));
        engine.close();
    }
}
