package dev.gitopsexecutor.sandbox;

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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The way from images to two containers that are proven to take scripts. */
final class Startup {
    private static final String PROBE = "look for a shell";
    private static final Pattern GITLAB_RUNNER = Pattern.compile("gitlab-runner ([0-9A-Za-z.~+-]{1,60})\n");
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(30);
    private static final Duration END_LIMIT = Duration.ofSeconds(2);

    private final Engine engine;
    private final Execs execs;
    private final Leftovers leftovers;
    private final SandboxSettings settings;
    private final InstantSource clock;
    private final Cancellation cancellation;

    Startup(
            Engine engine,
            Execs execs,
            Leftovers leftovers,
            SandboxSettings settings,
            InstantSource clock,
            Cancellation cancellation) {
        this.engine = engine;
        this.execs = execs;
        this.leftovers = leftovers;
        this.settings = settings;
        this.clock = clock;
        this.cancellation = cancellation;
    }

    void start(SandboxSpec spec, JobLog log) {
        SandboxNames names = new SandboxNames(settings.instance(), spec.job());
        leftovers.remove(names);
        Images images = new Images(engine);
        Deadline deadline = new Deadline(clock, spec.deadline());
        Images.Image jobImage = images.find(spec.jobImage(), spec.login(), deadline, log, cancellation);
        Images.Image helperImage =
                images.find(settings.helper().image(), Optional.empty(), deadline, log, cancellation);
        log.fact(fact("job", spec.jobImage(), jobImage));
        log.fact(fact("helper", settings.helper().image(), helperImage));
        try {
            refuseWhenCanceled();
            new Creation(engine, settings, clock).createVolumes(names, names.labels(spec));
            both(names, spec, jobImage, helperImage, log);
            refuseWhenCanceled();
        } catch (RuntimeException failed) {
            removeAfter(failed, names);
            throw failed;
        }
    }

    /** Side by side, for they take the longest of a job's preparation. */
    private void both(
            SandboxNames names, SandboxSpec spec, Images.Image jobImage, Images.Image helperImage, JobLog log) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var job = CompletableFuture.runAsync(() -> one(Role.JOB, names, spec, jobImage, log), threads);
            var helper = CompletableFuture.runAsync(() -> one(Role.HELPER, names, spec, helperImage, log), threads);
            CompletableFuture.allOf(job, helper).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    private void one(Role role, SandboxNames names, SandboxSpec spec, Images.Image image, JobLog log) {
        Creation creation = new Creation(engine, settings, clock);
        String id = creation.createContainer(role, names, image, spec);
        refuseWhenCanceled();
        creation.startContainer(id);
        String container = names.container(role);
        ImageRef name = switch (role) {
            case JOB -> spec.jobImage();
            case HELPER -> settings.helper().image();
        };
        String found = prove(role, name, container);
        if (role == Role.HELPER) {
            spec.runnerVersion().ifPresent(version -> compareVersions(version, found, log));
            if (settings.keepCache().isPresent()) {
                openCache(container);
            }
        }
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

    private static String fact(String role, ImageRef name, Images.Image image) {
        return "%s image %s is %s%s"
                .formatted(
                        role,
                        name,
                        image.id(),
                        image.digest()
                                .map(digest -> ", in its registry " + digest)
                                .orElse(""));
    }
}
