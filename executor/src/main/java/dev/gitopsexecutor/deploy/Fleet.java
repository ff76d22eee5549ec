package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ReleaseId;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The hosts of one deploy, in the order of the policy. */
final class Fleet implements AutoCloseable {
    private static final int AT_ONCE = 32;

    private final List<HostDeployment> hosts;
    private final DeployScope scope;

    Fleet(List<HostDeployment> hosts, DeployScope scope) {
        this.hosts = List.copyOf(hosts);
        this.scope = scope;
    }

    /** One thing to do on a host. */
    interface Step<T> {
        T on(HostDeployment host) throws InterruptedException;
    }

    List<HostDeployment> hosts() {
        return hosts;
    }

    /** As locks are waited for: two deploys that want the same hosts meet at the first of them. */
    List<HostDeployment> sorted() {
        return hosts.stream()
                .sorted(Comparator.comparing(host -> host.name().value()))
                .toList();
    }

    /**
     * Does {@code step} on all hosts, many at once, and waits for all of them.
     *
     * @param doing for the log, while it lasts: {@code pulling images}
     * @throws ExecutorException the first host's failure, the others' printed; or {@code CANCELED}, with every
     *     connection closed
     */
    <T> Map<HostName, T> each(String doing, Cancellation cancellation, Step<T> step) throws InterruptedException {
        return each(doing, cancellation, AT_ONCE, step);
    }

    /** As the other, for a step that pulls images, which may go on beside another step. */
    <T> Map<HostName, T> pull(String doing, Cancellation cancellation, Step<T> step) throws InterruptedException {
        return each(doing, cancellation, AT_ONCE, HostDeployment::pulling, step);
    }

    /** As the other, on all hosts in the same moment, however many they are. */
    <T> Map<HostName, T> together(String doing, Cancellation cancellation, Step<T> step) throws InterruptedException {
        return each(doing, cancellation, Math.max(1, hosts.size()), step);
    }

    /**
     * Does {@code step}, which writes a release beside the others, on all hosts, or moves what was written aside and throws.
     * Not to be canceled: it is short, and what was begun must be taken away again.
     */
    void write(ReleaseId release, String doing, Step<Boolean> step) throws InterruptedException {
        try {
            var _ = each(doing, DeployScope.never(), step);
        } catch (ExecutorException failed) {
            FailedRelease.retire(release, failed.failure(), hosts, scope);
            throw failed;
        }
    }

    private <T> Map<HostName, T> each(String doing, Cancellation cancellation, int most, Step<T> step)
            throws InterruptedException {
        hosts.forEach(HostDeployment::idle);
        return each(doing, cancellation, most, HostDeployment::activity, step);
    }

    private <T> Map<HostName, T> each(
            String doing,
            Cancellation cancellation,
            int most,
            Function<HostDeployment, Optional<Activity>> activity,
            Step<T> step)
            throws InterruptedException {
        Semaphore atOnce = new Semaphore(most);
        Map<HostName, Future<T>> running = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (HostDeployment host : hosts) {
                running.put(host.name(), threads.submit(() -> {
                    atOnce.acquire();
                    try {
                        return step.on(host);
                    } finally {
                        atOnce.release();
                    }
                }));
            }
            awaitAll(doing, cancellation, activity, running);
        }
        return results(running);
    }

    private void awaitAll(
            String doing,
            Cancellation cancellation,
            Function<HostDeployment, Optional<Activity>> activity,
            Map<HostName, ? extends Future<?>> running)
            throws InterruptedException {
        FleetProgress progress = new FleetProgress(
                doing, running.size(), scope.log()::masked, scope.clock().instant());
        while (running.values().stream().anyMatch(future -> !future.isDone())) {
            if (cancellation.isRequested()) {
                close();
                running.values().forEach(future -> future.cancel(true));
                throw canceled(doing);
            }
            Instant now = scope.clock().instant();
            if (progress.isDue(now)) {
                progress.lines(late(running, activity, progress), now).forEach(scope.log()::fact);
            }
            awaitOne(running.values());
        }
    }

    private SequencedMap<HostName, Activity> late(
            Map<HostName, ? extends Future<?>> running,
            Function<HostDeployment, Optional<Activity>> activity,
            FleetProgress progress) {
        SequencedMap<HostName, Activity> late = new LinkedHashMap<>();
        for (HostDeployment host : hosts) {
            Future<?> work = running.get(host.name());
            if (work != null && !work.isDone()) {
                late.put(host.name(), activity.apply(host).orElseGet(progress::activity));
            }
        }
        return late;
    }

    private static void awaitOne(Iterable<? extends Future<?>> running) throws InterruptedException {
        for (Future<?> future : running) {
            if (!future.isDone()) {
                try {
                    future.get(100, TimeUnit.MILLISECONDS);
                } catch (TimeoutException | ExecutionException judgedLater) {
                    return;
                }
                return;
            }
        }
    }

    private <T> Map<HostName, T> results(Map<HostName, Future<T>> done) throws InterruptedException {
        Map<HostName, T> results = new LinkedHashMap<>();
        ExecutorException first = null;
        for (Map.Entry<HostName, Future<T>> entry : done.entrySet()) {
            try {
                results.put(entry.getKey(), result(entry.getValue()));
            } catch (ExecutorException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    scope.log().failure(failure.failure().block());
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
        return results;
    }

    /** Blocks; throws what the work itself threw. */
    static <T> T result(Future<T> work) throws InterruptedException {
        try {
            return work.get();
        } catch (ExecutionException failed) {
            throw translated(failed.getCause());
        }
    }

    private static ExecutorException translated(@Nullable Throwable cause) throws InterruptedException {
        return switch (cause) {
            case null -> throw new IllegalStateException("a failure without a cause");
            case ExecutorException failure -> failure;
            case InterruptedException interrupted -> throw interrupted;
            case RuntimeException bug -> throw bug;
            default -> throw new IllegalStateException(cause);
        };
    }

    static ExecutorException canceled(String doing) {
        return new ExecutorException(new Failure(
                FailureCode.CANCELED,
                "deploy",
                "while " + doing,
                "the job was canceled; nothing was changed on any host",
                "Retry the job if it should run after all."));
    }

    /**
     * The end of a green deploy, with the locks still held: what fails here is said and changes no outcome.
     *
     * @param outlived releases to drop, by host
     */
    void conclude(Map<HostName, List<ReleaseId>> outlived) throws InterruptedException {
        each("concluding", DeployScope.never(), host -> {
            try {
                host.conclude(outlived.getOrDefault(host.name(), List.of()));
            } catch (ExecutorException failed) {
                scope.log()
                        .warning("  %s: not everything is tidy there: %s"
                                .formatted(host.name(), failed.failure().saw()));
            }
            host.unlock();
            return true;
        });
    }

    @Override
    public void close() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            hosts.forEach(host -> threads.execute(host::close));
        }
    }
}
