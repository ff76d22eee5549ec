package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.secrets.HeldToken;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;

/** Finds and removes what jobs left on this machine whose runner died before it could start a {@code cleanup}. */
public final class Reaper implements AutoCloseable {
    /** No write takes that long: its process is dead. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Sandbox sandbox;
    private final HeldTokens tokens;
    private final TokenRevoker revoker;
    private final Path stateDirectory;
    private final InstantSource clock;

    public Reaper(ExecutorConfig config, InstantSource clock) {
        this.sandbox = Sandboxes.connect(config, clock);
        this.tokens = new HeldTokens(config.stateDir());
        this.revoker = new TokenRevoker(config, VaultAccess.of(config, new Masker(), clock), clock);
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

    /** The tokens of Vault whose jobs' processes ended without revoking them. */
    public List<HeldToken> orphanedTokens() {
        return tokens.all().stream()
                .filter(token -> token.kept().isEmpty() && !token.holder().isAlive())
                .toList();
    }

    /** Files about tokens that nobody can read any more. */
    public List<Path> damagedTokens() {
        return tokens.damaged();
    }

    /** Those that releases live on. */
    public List<HeldToken> keptTokens() {
        return tokens.all().stream().filter(token -> token.kept().isPresent()).toList();
    }

    /** Returns what went wrong. */
    public List<String> revoke(List<HeldToken> orphaned) {
        return revoker.revoke(orphaned);
    }

    /** As {@link #revoke}. */
    public List<String> renew(List<HeldToken> kept) {
        return revoker.renew(kept);
    }

    /** Removes what killed processes left half-written in the state directory. */
    public void removeHalfWritten() {
        try {
            AtomicFiles.removeAbandoned(stateDirectory, clock.instant().minus(ABANDONED));
            tokens.removeAbandoned(clock.instant().minus(ABANDONED));
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
