package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.Endpoint;
import dev.gitopsexecutor.model.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** What stands beside a script on its loopback addresses: the services of its job, and its way out. */
final class Companions {
    private static final Duration EGRESS_LIMIT = Duration.ofSeconds(15);

    /** As long as the runner's own executor for Docker waits. */
    private static final Duration SERVICE_LIMIT = Duration.ofSeconds(30);

    private static final String LOOK = "see whether what stands beside the script runs";
    private static final int MAX_MEETINGS = 1024;

    /** Between two looks. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Duration LOG_LIMIT = Duration.ofSeconds(10);
    private static final int LOG_LINES = 20;

    private final Execs execs;
    private final Engine engine;
    private final Creation creation;
    private final SandboxNames names;
    private final SandboxSpec spec;
    private final InstantSource clock;
    private final Cancellation cancellation;

    Companions(
            Execs execs,
            Engine engine,
            Creation creation,
            SandboxNames names,
            SandboxSpec spec,
            InstantSource clock,
            Cancellation cancellation) {
        this.execs = execs;
        this.engine = engine;
        this.creation = creation;
        this.names = names;
        this.spec = spec;
        this.clock = clock;
        this.cancellation = cancellation;
    }

    /** The job container runs. Blocks until every service listens or has had its time; that it does not is a warning. */
    void startServices(List<ImageConfig> images, JobLog log) {
        for (int number = 0; number < images.size(); number++) {
            startService(spec.services().get(number), names.service(number), images.get(number));
        }
        Deadline deadline = Deadline.after(clock, SERVICE_LIMIT);
        for (int number = 0; number < images.size(); number++) {
            awaitService(spec.services().get(number), names.service(number), images.get(number), deadline, log);
        }
    }

    /** What the engine refuses here, the author has written: a command that is not there, or an image that needs more. */
    private void startService(SandboxSpec.Service service, String container, ImageConfig image) {
        try {
            creation.startService(container, service, image);
        } catch (ExecutorException failed) {
            if (failed.code() != FailureCode.ENGINE_FAILED) {
                throw failed;
            }
            throw new ExecutorException(
                    new Failure(
                            FailureCode.SERVICE_FAILED,
                            "start a service",
                            "image " + service.image().name(),
                            failed.failure().saw(),
                            "Correct the service's entrypoint or command, or take an image that starts with a read-only"
                                    + " root and as an ordinary user (docs/sandbox.md)."),
                    failed);
        }
    }

    private void awaitService(
            SandboxSpec.Service service, String container, ImageConfig image, Deadline deadline, JobLog log) {
        String at = String.join(", ", addresses(service.aliases(), image.ports()));
        boolean listens = comes(deadline, container, () -> image.ports().isEmpty() || listensAtAny(image.ports()));
        if (listens) {
            log.fact("service %s %s at %s"
                    .formatted(service.image().name(), image.ports().isEmpty() ? "runs" : "listens", at));
        } else {
            log.warning("  Service %s does not listen at %s. The last it said:"
                    .formatted(service.image().name(), at));
            lastLines(container, log).forEach(line -> log.fact("  " + line));
        }
    }

    /** Nobody but the job's author is to blame for an image in which one cannot look. */
    private boolean listensAtAny(Collection<Integer> ports) {
        try {
            ListeningSockets sockets = ListeningSockets.of(execs, names.container(Role.JOB));
            return ports.stream().anyMatch(sockets::has);
        } catch (ExecutorException unsuitable) {
            return false;
        }
    }

    private static List<String> addresses(List<String> aliases, Collection<Integer> ports) {
        List<String> addresses = new ArrayList<>();
        for (String alias : aliases) {
            if (ports.isEmpty()) {
                addresses.add(alias);
            }
            ports.forEach(port -> addresses.add(alias + ":" + port));
        }
        return addresses;
    }

    private List<String> lastLines(String container, JobLog log) {
        try {
            return engine.call("read what a service said", LOG_LIMIT, docker -> said(docker, container, log));
        } catch (ExecutorException unreadable) {
            return List.of("(unknown: " + unreadable.failure().saw() + ")");
        }
    }

    private static List<String> said(DockerClient docker, String container, JobLog log) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        var command = docker.logContainerCmd(container)
                .withStdOut(true)
                .withStdErr(true)
                .withTail(LOG_LINES);
        try (var lines = command.exec(new ResultCallback.Adapter<Frame>() {
            @Override
            public void onNext(Frame frame) {
                said.writeBytes(frame.getPayload());
            }
        })) {
            lines.awaitCompletion();
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
        return PlainText.lastLines(log.masked(said.toString(UTF_8)), LOG_LINES);
    }

    /** The job container runs. Blocks until the script can connect. */
    void startEgress(SandboxSettings.Egress egress, ImageConfig image, JobLog log) {
        creation.startEgress(egress, image);
        Deadline deadline = Deadline.after(clock, EGRESS_LIMIT);
        boolean ready = comes(deadline, names.egressOutside(), this::isOutsideReady)
                && comes(deadline, names.egressInside(), this::isInsideReady);
        if (!ready) {
            throw new ExecutorException(new Failure(
                    FailureCode.EGRESS_FAILED,
                    "open the script's way out",
                    "image " + egress.image(),
                    "its haproxy ends at once, or does not listen after %d s".formatted(EGRESS_LIMIT.toSeconds()),
                    "Use an image with haproxy 2.6 or newer, sh and timeout on its PATH: docker.egress_image in"
                            + " executor.yaml. A container on docker.egress_network must have a DNS server."));
        }
        log.fact("the script's way out: "
                + spec.egress().stream().map(Endpoint::toString).collect(Collectors.joining(", ")));
    }

    private boolean isOutsideReady() {
        return execs.capture(LOOK, names.egressOutside(), EgressProxy.MEETINGS, MAX_MEETINGS, LOG_LIMIT)
                        .text()
                        .length()
                == spec.egress().size();
    }

    /** From the proxy's own container: the job's image may show what it likes. */
    private boolean isInsideReady() {
        Loopback loopback = Loopback.of(spec);
        ListeningSockets sockets = ListeningSockets.of(execs, names.egressInside());
        return spec.egress().stream()
                .allMatch(endpoint -> sockets.has(loopback.address(endpoint.host()), endpoint.port()));
    }

    /** Whether it comes before the deadline, and before the container ends. */
    private boolean comes(Deadline deadline, String container, BooleanSupplier ready) {
        while (!deadline.hasPassed()) {
            if (cancellation.isRequested()) {
                throw EngineFailures.canceled("start the job's containers");
            }
            if (execs.containerEnds(LOOK, container, PAUSE)) {
                return false;
            }
            if (ready.getAsBoolean()) {
                return true;
            }
        }
        return false;
    }
}
