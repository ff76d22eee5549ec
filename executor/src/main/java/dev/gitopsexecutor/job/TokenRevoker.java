package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.secrets.HeldToken;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.OwnSession;
import dev.gitopsexecutor.secrets.Vault;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Ends, or prolongs, by accessor and as the executor itself, tokens of Vault whose session is gone. */
final class TokenRevoker {
    private final HeldTokens tokens;
    private final Vault vault;
    private final InstantSource clock;

    TokenRevoker(ExecutorConfig config, Vault vault, InstantSource clock) {
        this.tokens = new HeldTokens(config.stateDir());
        this.vault = vault;
        this.clock = clock;
    }

    /** Returns what could not be revoked and why; what is over by itself is only forgotten. */
    List<String> revoke(List<HeldToken> held) {
        List<String> problems = new ArrayList<>(
                each(alive(held), (own, token) -> own.revoke(token).stream().toList()));
        for (HeldToken over : over(held)) {
            problems.addAll(guarded(over, () -> {
                tokens.drop(over);
                return List.of();
            }));
        }
        return problems;
    }

    /** Renews what releases live on; returns what somebody should do something about. */
    List<String> renew(List<HeldToken> kept) {
        List<String> problems = new ArrayList<>(each(alive(kept), OwnSession::renew));
        for (HeldToken over : over(kept)) {
            problems.add(told(over, "it is over, and so are its secrets: deploy again"));
        }
        return problems;
    }

    private List<HeldToken> alive(List<HeldToken> held) {
        return held.stream().filter(token -> !isOver(token)).toList();
    }

    private List<HeldToken> over(List<HeldToken> held) {
        return held.stream().filter(this::isOver).toList();
    }

    /** Revokes what releases of {@code place} lived on that no host has any more; what goes wrong is said. */
    void revokeOutlived(String place, Collection<ReleaseId> retained, JobLog log) {
        try {
            revoke(tokens.outlived(
                            place, retained.stream().map(ReleaseId::value).toList()))
                    .forEach(log::warning);
        } catch (ExecutorException failed) {
            log.warning("Secrets that no release needs live on.\n"
                    + failed.failure().block());
        }
    }

    private boolean isOver(HeldToken token) {
        return !token.until().isAfter(clock.instant());
    }

    private List<String> each(List<HeldToken> held, BiFunction<OwnSession, HeldToken, List<String>> act) {
        if (held.isEmpty()) {
            return List.of();
        }
        if (!vault.hasOwnIdentity()) {
            return held.stream()
                    .map(token -> told(token, "executor.yaml has no `vault.own_identity` to act with"))
                    .toList();
        }
        List<String> problems = new ArrayList<>();
        try (OwnSession own = vault.loginItself(Optional.empty())) {
            for (HeldToken token : held) {
                problems.addAll(guarded(token, () -> act.apply(own, token)));
            }
        } catch (ExecutorException failed) {
            problems.add("%d tokens of Vault are left as they are.\n%s"
                    .formatted(held.size(), failed.failure().block().stripTrailing()));
        }
        return problems;
    }

    /** What goes wrong with one keeps no other from its turn. */
    private static List<String> guarded(HeldToken token, Supplier<List<String>> act) {
        try {
            return act.get().stream().map(problem -> told(token, problem)).toList();
        } catch (ExecutorException failed) {
            return List.of(told(token, failed.failure().saw()));
        }
    }

    private static String told(HeldToken token, String problem) {
        return "The Vault token of %s%s, until %s: %s"
                .formatted(
                        token.job().map(job -> "job " + job).orElse("the executor itself"),
                        token.kept()
                                .map(kept -> ", kept for %s of %s"
                                        .formatted(String.join(", ", kept.releases()), kept.place()))
                                .orElse(""),
                        token.until(),
                        problem);
    }
}
