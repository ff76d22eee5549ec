package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Judges what the engine tells of a release's containers, look after look; asks nobody itself. */
final class ContainerWatch {
    private static final int RESTARTS_TOO_MANY = 2;
    private static final String ENDED = "ended with exit code 0";

    private final String host;
    private final SortedMap<ServiceName, ImageRef> images;
    private final Workload workload;
    private final Instant start;
    private final Map<String, Integer> restartsAtFirst = new HashMap<>();
    private int looks;

    /** @param images of the services to judge, which may be a part of those that {@code workload} knows */
    ContainerWatch(String host, SortedMap<ServiceName, ImageRef> images, Workload workload, Instant start) {
        this.host = host;
        this.images = images;
        this.workload = workload;
        this.start = start;
    }

    /** What no waiting cures: a container that crashed, is killed, or restarts again and again; a job that failed. */
    Optional<Failed> fatal(List<ContainerState> containers, Instant now) {
        looks++;
        return ours(containers)
                .filter(this::isBroken)
                .findFirst()
                .map(broken -> isOfJob(broken)
                        ? failed("job", ENDED, name(broken) + " " + broken.describe(), now)
                        : failed("containers", "running", name(broken) + " is " + broken.describe(), now));
    }

    /** What is still missing for the release to be up; empty when nothing is. */
    Optional<String> missing(List<ContainerState> containers, Duration stability) {
        for (ServiceName service : images.keySet()) {
            int count = (int) containers.stream()
                    .filter(container -> container.service().equals(service.value()))
                    .count();
            if (!workload.fits(service, count)) {
                return Optional.of(
                        count == 0
                                ? "service %s has no container".formatted(service)
                                : "service %s has %d containers, wants %d"
                                        .formatted(service, count, workload.replicas(service)));
            }
        }
        return ours(containers)
                .filter(container -> isOfJob(container) ? !hasEnded(container) : !isUp(container, stability))
                .findFirst()
                .map(container -> missing(container, stability));
    }

    private String missing(ContainerState container, Duration stability) {
        if (isOfJob(container)) {
            return "job \"%s\" has not ended".formatted(container.service());
        }
        return container.status().equals("running") && container.age().compareTo(stability) < 0
                ? "%s has run for only %d s"
                        .formatted(name(container), container.age().toSeconds())
                : name(container) + " is " + container.describe();
    }

    /** The age of the container that was started last; zero without one. */
    Duration youngest(List<ContainerState> containers) {
        return ours(containers)
                .map(ContainerState::age)
                .min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /** A container of ours that runs anything but the release's image. */
    Optional<Failed> wrongImage(List<ContainerState> containers, Instant now) {
        return ours(containers)
                .filter(container -> !container.runs(image(container)))
                .findFirst()
                .map(container -> failed(
                        "digest",
                        image(container).toString(),
                        name(container) + " runs " + String.join(", ", container.digests()),
                        now));
    }

    Failed timedOut(String missing, Instant now) {
        return workload.jobs().containsAll(images.keySet())
                ? failed("job", ENDED, missing, now)
                : failed("containers", "running without a restart", missing, now);
    }

    /**
     * Those that are not up, the worst first; else the one whose log explains a failure best, which is who answers at
     * {@code port}, else any. Empty when none of ours is there.
     */
    List<ContainerState> suspects(List<ContainerState> containers, int port) {
        List<ContainerState> down = ours(containers)
                .filter(container -> badness(container) > 0)
                .sorted(Comparator.comparingInt(this::badness).reversed())
                .toList();
        if (!down.isEmpty()) {
            return down;
        }
        return ours(containers)
                .sorted(Comparator.comparing(
                        (ContainerState container) -> !container.ports().contains(port)))
                .limit(1)
                .toList();
    }

    private int badness(ContainerState container) {
        if (isOfJob(container) && (hasEnded(container) || container.status().equals("running"))) {
            return hasEnded(container) ? 0 : 1;
        }
        if (container.outOfMemory()) {
            return 5;
        }
        return switch (container.status()) {
            case "exited", "dead" -> 4;
            case "restarting" -> 3;
            case "running" -> {
                if (restartsSince(container) >= RESTARTS_TOO_MANY) {
                    yield 3;
                }
                if (container.health().equals("unhealthy")) {
                    yield 2;
                }
                yield container.runs(image(container)) ? 0 : 1;
            }
            default -> 1;
        };
    }

    private boolean isBroken(ContainerState container) {
        int again = restartsSince(container);
        if (isOfJob(container)) {
            // One with restart: on-failure is tried again, and ends as it ends.
            return container.status().equals("dead") || (container.status().equals("exited") && !hasEnded(container));
        }
        return switch (container.status()) {
            case "exited", "dead", "restarting" -> true;
            default -> container.outOfMemory() || container.health().equals("unhealthy") || again >= RESTARTS_TOO_MANY;
        };
    }

    /** How often it has restarted since it was seen for the first time. */
    private int restartsSince(ContainerState container) {
        return container.restarts() - restartsAtFirst.computeIfAbsent(container.id(), _ -> container.restarts());
    }

    private static boolean isUp(ContainerState container, Duration stability) {
        return container.status().equals("running")
                && (container.health().isEmpty() || container.health().equals("healthy"))
                && container.age().compareTo(stability) >= 0;
    }

    private boolean isOfJob(ContainerState container) {
        return workload.jobs().contains(new ServiceName(container.service()));
    }

    private static boolean hasEnded(ContainerState job) {
        return job.status().equals("exited") && job.exitCode() == 0;
    }

    private Stream<ContainerState> ours(List<ContainerState> containers) {
        return containers.stream()
                .filter(container -> images.keySet().stream()
                        .anyMatch(service -> service.value().equals(container.service())));
    }

    private ImageRef image(ContainerState container) {
        return Objects.requireNonNull(images.get(new ServiceName(container.service())));
    }

    private Failed failed(String check, String wanted, String seen, Instant now) {
        return new Failed(check, host, wanted, seen, Math.max(1, looks), Duration.between(start, now));
    }

    private static String name(ContainerState container) {
        return "container \"%s\"".formatted(container.name());
    }
}
