package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SortedMap;

/** Finds and removes what jobs left on this machine whose runner died before it could start a {@code cleanup}. */
public final class Reaper implements AutoCloseable {
    /** No write takes that long: its process is dead. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Sandbox sandbox;
    private final Path stateDirectory;
    private final InstantSource clock;

    public Reaper(ExecutorConfig config, InstantSource clock) {
        this.sandbox = Sandboxes.connect(config, clock);
        this.stateDirectory = config.stateDir();
        this.clock = clock;
    }

    /** Of every job of this executor that has something on this machine: until when it may. */
    public SortedMap<JobId, Instant> deadlines() {
        return sandbox.deadlines();
    }

    public boolean isOver(Instant deadline) {
        return !deadline.isAfter(clock.instant());
    }

    /** Whatever of it still runs; does nothing when nothing is there. */
    public void remove(JobId job) {
        sandbox.remove(job);
    }

    /** The volumes of projects' caches, and until when each is kept. */
    public SortedMap<String, Instant> caches() {
        return sandbox.caches();
    }

    /** Returns false when a job uses it. */
    public boolean removeCache(String volume) {
        return sandbox.removeCache(volume);
    }

    /** Removes what killed processes left half-written in the state directory. */
    public void removeHalfWritten() {
        try {
            AtomicFiles.removeAbandoned(stateDirectory, clock.instant().minus(ABANDONED));
        } catch (IOException | DirectoryIteratorException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.STATE_UNUSABLE,
                            "remove half-written files",
                            stateDirectory.toString(),
                            failed.toString(),
                            "Make `state_dir` of executor.yaml a directory that this user may write to."),
                    failed);
        }
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
