package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.job.Reaper;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.secrets.HeldToken;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reap}: removes what jobs left on this machine whose runner died before it could start a cleanup. */
@Command(
        name = "reap",
        description =
                "Removes what jobs left on this machine whose time is over: their runner died before its cleanup.",
        mixinStandardHelpOptions = true)
final class ReapCommand implements Callable<Integer> {
    private static final int FAILED = 2;

    private final InstantSource clock;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--dry-run", description = "Say what would be removed, and remove nothing.")
    private boolean dryRun;

    @Mixin
    private final Console console = new Console();

    ReapCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        PrintWriter out = console.out();
        int code = 0;
        try (Reaper reaper = new Reaper(config.read(), clock)) {
            // First: databases must not lose their users because the engine here is down.
            if (!areTokensReaped(reaper, out)) {
                code = FAILED;
            }
            SortedMap<JobId, Instant> jobs = reaper.deadlines();
            SortedMap<JobId, Instant> dead = new TreeMap<>(jobs);
            dead.values().removeIf(deadline -> !reaper.isOver(deadline));
            out.println(summary(jobs.size(), dead.size()));
            for (Map.Entry<JobId, Instant> job : dead.entrySet()) {
                if (dryRun || isRemoved(reaper, job.getKey())) {
                    out.printf(
                            "job %s: %s; its deadline was %s%n",
                            job.getKey(), dryRun ? "would be removed" : "removed", job.getValue());
                } else {
                    code = FAILED;
                }
            }
            if (!reapCaches(reaper, out)) {
                code = FAILED;
            }
            if (!dryRun) {
                reaper.removeHalfWritten();
            }
        }
        return code;
    }

    private boolean areTokensReaped(Reaper reaper, PrintWriter out) {
        try {
            return reapTokens(reaper, out);
        } catch (ExecutorException unreadable) {
            report("tokens of Vault", unreadable);
            return false;
        }
    }

    private boolean reapTokens(Reaper reaper, PrintWriter out) {
        List<HeldToken> orphaned = reaper.orphanedTokens();
        List<String> problems = new ArrayList<>();
        reaper.damagedTokens().forEach(file -> problems.add(file + " is damaged: move it away"));
        if (!dryRun) {
            problems.addAll(reaper.revoke(orphaned));
            problems.addAll(reaper.renew(reaper.keptTokens()));
        }
        List<HeldToken> kept = reaper.keptTokens();
        if (!orphaned.isEmpty()) {
            out.printf("tokens of Vault that killed jobs left: %d%n", orphaned.size());
        }
        for (HeldToken token : kept) {
            HeldToken.Kept use = token.kept().orElseThrow();
            out.printf(
                    "token of Vault for %s, release %s: until %s%n",
                    use.place(), String.join(", ", use.releases()), token.until());
        }
        PrintWriter err = console.err();
        problems.forEach(err::println);
        err.flush();
        return problems.isEmpty();
    }

    /** One that a job uses just now is removed the next time. */
    private boolean reapCaches(Reaper reaper, PrintWriter out) {
        boolean removed = true;
        for (Map.Entry<String, Instant> cache : reaper.caches().entrySet()) {
            if (reaper.isOver(cache.getValue())) {
                removed &= reapCache(reaper, cache.getKey(), cache.getValue(), out);
            }
        }
        return removed;
    }

    private boolean reapCache(Reaper reaper, String volume, Instant until, PrintWriter out) {
        try {
            if (dryRun || reaper.removeCache(volume)) {
                out.printf(
                        "cache %s: %s; it was kept until %s%n",
                        volume, dryRun ? "would be removed if no job uses it" : "removed", until);
            }
            return true;
        } catch (ExecutorException stuck) {
            report("cache " + volume, stuck);
            return false;
        }
    }

    private void report(String what, ExecutorException stuck) {
        PrintWriter err = console.err();
        err.printf("%s: %s", what, stuck.failure().block());
        err.flush();
    }

    private static String summary(int all, int dead) {
        return all == 0
                ? "No job has anything on this machine."
                : "Jobs with something on this machine: %d, beyond their deadline: %d.".formatted(all, dead);
    }

    /** A job that cannot be removed keeps no other from being removed. */
    private boolean isRemoved(Reaper reaper, JobId job) {
        try {
            reaper.remove(job);
            return true;
        } catch (ExecutorException stuck) {
            report("job " + job, stuck);
            return false;
        }
    }
}
