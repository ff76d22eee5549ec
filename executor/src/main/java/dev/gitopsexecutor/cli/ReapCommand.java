package dev.gitopsexecutor.cli;

import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.job.Sandboxes;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reap}: removes what jobs left on this machine whose runner died before it could start a cleanup. */
@Command(
        name = "reap",
        description = "Removes what jobs left on this machine whose time is over: their runner died before its cleanup.",
        mixinStandardHelpOptions = true)
final class ReapCommand implements Callable<Integer> {
    private static final int FAILED = 2;
    /** No write takes that long: its process is dead. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final InstantSource clock;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--dry-run", description = "Say what would be removed, and remove nothing.")
    private boolean dryRun;

    @Spec
    private @Nullable CommandSpec spec;

    ReapCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        ExecutorConfig executor = config.read();
        int code = 0;
        try (Sandbox sandbox = Sandboxes.connect(executor, clock)) {
            SortedMap<JobId, Instant> jobs = sandbox.deadlines();
            SortedMap<JobId, Instant> dead = new TreeMap<>(jobs);
            dead.values().removeIf(deadline -> deadline.isAfter(clock.instant()));
            out().printf("%d jobs have something on this machine, %d of them beyond their deadline.%n", jobs.size(), dead.size());
            for (Map.Entry<JobId, Instant> job : dead.entrySet()) {
                code = Math.max(code, reap(sandbox, job.getKey(), job.getValue()));
            }
        }
        if (!dryRun) {
            AtomicFiles.removeAbandoned(executor.stateDir(), clock.instant().minus(ABANDONED));
        }
        return code;
    }

    /** One job that cannot be removed keeps no other from being removed. */
    private int reap(Sandbox sandbox, JobId job, Instant deadline) {
        try {
            if (!dryRun) {
                sandbox.remove(job);
            }
            out().printf("job %s: %s; its deadline was %s%n", job, dryRun ? "would be removed" : "removed", deadline);
            return 0;
        } catch (ExecutorException stuck) {
            PrintWriter err = requireNonNull(spec).commandLine().getErr();
            err.printf("job %s:%n%s", job, stuck.failure().block());
            err.flush();
            return FAILED;
        }
    }

    private PrintWriter out() {
        return requireNonNull(spec).commandLine().getOut();
    }
}
