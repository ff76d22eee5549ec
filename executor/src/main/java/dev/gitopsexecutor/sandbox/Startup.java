package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.Role;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The way from images to containers of which two are proven to take scripts. */
final class Startup {
    private static final String PROBE = "look for a shell";
    private static final Pattern GITLAB_RUNNER = Pattern.compile("gitlab-runner ([0-9A-Za-z.~+-]{1,60})\n");
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(30);
    private static final Duration END_LIMIT = Duration.ofSeconds(2);

    private final Engine engine;
    private final EngineCalls calls;
    private final Execs execs;
    private final Leftovers leftovers;
    private final SandboxSettings settings;
    private final InstantSource clock;
    private final Cancellation cancellation;

    Startup(
            Engine engine,
            EngineCalls calls,
            Execs execs,
            Leftovers leftovers,
            SandboxSettings settings,
            InstantSource clock,
            Cancellation cancellation) {
        this.engine = engine;
        this.calls = calls;
        this.execs = execs;
        this.leftovers = leftovers;
        this.settings = settings;
        this.clock = clock;
        this.cancellation = cancellation;
    }

    void start(SandboxSpec spec, JobLog log) {
        EngineFeatures features = EngineFeatures.read(calls, settings.socket());
        features.require(spec.requirements(), settings.socket());
        SandboxNames names = new SandboxNames(settings.instance(), spec.job());
        leftovers.remove(names);
        Images images = new Images(engine, calls);
        Deadline deadline = new Deadline(clock, spec.deadline());
        ImageConfig jobImage = find(images, "job", spec.jobImage(), deadline, log);
        ImageConfig helperImage =
                findOfMachine(images, "helper", settings.helper().image(), deadline, log);
        List<ImageConfig> services = spec.services().stream()
                .map(service -> find(images, "service", service.image(), deadline, log))
                .toList();
        Optional<ImageConfig> egress = spec.egress().isEmpty()
                ? Optional.empty()
                : Optional.of(findOfMachine(images, "egress", egress().image(), deadline, log));
        Creation creation = new Creation(engine, settings, names, spec, features, clock, cancellation);
        try {
            refuseWhenCanceled();
            creation.createVolumes();
            var companions = new Companions(execs, engine, creation, names, spec, clock, cancellation);
            sideBySide(
                    () -> {
                        var _ = startScripts(Role.JOB, spec.jobImage().name(), jobImage, names, creation);
                        egress.ifPresent(image -> companions.startEgress(egress(), image, log));
                        companions.startServices(services, log);
                    },
                    () -> startHelper(helperImage, names, creation, spec, log));
            refuseWhenCanceled();
        } catch (RuntimeException failed) {
            removeAfter(failed, names);
            throw failed;
        }
    }

    private ImageConfig find(Images images, String role, SandboxSpec.Image wanted, Deadline deadline, JobLog log) {
        ImageConfig found = images.find(wanted.name(), wanted.login(), deadline, log, cancellation);
        log.fact("%s image %s is %s%s"
                .formatted(
                        role,
                        wanted.name(),
                        found.id(),
                        found.digest()
                                .filter(digest -> wanted.name().digest().isEmpty())
                                .map(digest -> ", in its registry " + digest)
                                .orElse("")));
        return found;
    }

    /** No job is to blame for what executor.yaml names. */
    private ImageConfig findOfMachine(Images images, String role, ImageRef name, Deadline deadline, JobLog log) {
        try {
            return find(images, role, new SandboxSpec.Image(name, Optional.empty()), deadline, log);
        } catch (ExecutorException failed) {
            if (failed.blame() == Blame.SYSTEM) {
                throw failed;
            }
            Failure failure = failed.failure();
            throw new ExecutorException(
                    new Failure(
                            FailureCode.IMAGE_PULL_FAILED,
                            failure.tried(),
                            failure.on(),
                            failure.saw(),
                            "Load the image on this machine, or name another one in executor.yaml under docker."),
                    failed);
        }
    }

    private SandboxSettings.Egress egress() {
        return settings.egress()
                .orElseThrow(() -> new ExecutorException(new Failure(
                        FailureCode.CONFIG_INVALID,
                        "open the script's way out",
                        "executor.yaml",
                        "the policy has `egress` for this environment, and docker.egress_image is not there",
                        "Name an image with haproxy under docker.egress_image (docs/install.md, step 3).")));
    }

    /** For they take the longest of a job's preparation. */
    private static void sideBySide(Runnable one, Runnable other) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = CompletableFuture.runAsync(one, threads);
            var second = CompletableFuture.runAsync(other, threads);
            CompletableFuture.allOf(first, second).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    private void startHelper(ImageConfig image, SandboxNames names, Creation creation, SandboxSpec spec, JobLog log) {
        String found = startScripts(Role.HELPER, settings.helper().image(), image, names, creation);
        spec.runnerVersion().ifPresent(version -> compareVersions(version, found, log));
        if (settings.keepCache().isPresent()) {
            openCache(names.container(Role.HELPER));
        }
    }

    /** Returns what the container's probe prints. */
    private String startScripts(Role role, ImageRef name, ImageConfig image, SandboxNames names, Creation creation) {
        creation.startScripts(role, image);
        return prove(role, name, names.container(role));
    }

    /** A new volume is root's; the job's user shall write there. */
    private void openCache(String container) {
        String tried = "open the project's cache";
        CommandResult result = execs.captureAsRoot(
                tried, container, ContainerScripts.openCache(settings.cacheDir()), 1024, PROBE_LIMIT);
        if (result.exitCode() != 0) {
            throw EngineFailures.refused(
                    tried, settings.socket(), result.stderr().strip(), null);
        }
    }

    /** The runner's scripts call it with the options that the runner's own version has. */
    private static void compareVersions(String runner, String probed, JobLog log) {
        Matcher version = GITLAB_RUNNER.matcher(probed);
        String helper = version.lookingAt() ? version.group(1) : "of an unknown version";
        if (!helper.equals(runner)) {
            log.warning(("The helper's gitlab-runner is %s, this runner is %s: caches and artifacts may be lost."
                            + " Ask the platform team for a helper image of the same version.")
                    .formatted(helper, runner));
        }
    }

    /** Returns what the probe prints. */
    private String prove(Role role, ImageRef name, String container) {
        CommandResult probe;
        try {
            probe = execs.capture(PROBE, container, ContainerScripts.probe(role), 1024, PROBE_LIMIT);
        } catch (ExecutorException failed) {
            throw ends(container) ? endedAtOnce(role, name) : failed;
        }
        return switch (probe.exitCode()) {
            case 0 -> probe.text();
            case ContainerScripts.LACKING ->
                throw unsuitable(role, name, probe.stderr().strip());
            default ->
                throw ends(container)
                        ? endedAtOnce(role, name)
                        : EngineFailures.containerLost(PROBE, container, "the command ended with " + probe.exitCode());
        };
    }

    /** A command in a container that is ending is killed, or refused, before the engine tells that it has ended. */
    private boolean ends(String container) {
        return execs.containerEnds(PROBE, container, END_LIMIT);
    }

    private static ExecutorException endedAtOnce(Role role, ImageRef name) {
        return unsuitable(role, name, "sh or sleep: the container ended at once");
    }

    private static ExecutorException unsuitable(Role role, ImageRef name, String lacks) {
        FailureCode code = switch (role) {
            case JOB -> FailureCode.IMAGE_UNSUITABLE;
            case HELPER -> FailureCode.HELPER_IMAGE_UNSUITABLE;
        };
        return new ExecutorException(new Failure(
                code,
                "run scripts in the %s container".formatted(role.lowerCase()),
                "image " + name,
                "the image lacks " + lacks,
                "Use an image that has it on its PATH."));
    }

    private void refuseWhenCanceled() {
        if (cancellation.isRequested()) {
            throw EngineFailures.canceled("start the job's containers");
        }
    }

    private void removeAfter(RuntimeException failed, SandboxNames names) {
        try {
            leftovers.remove(names);
        } catch (RuntimeException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }
}
