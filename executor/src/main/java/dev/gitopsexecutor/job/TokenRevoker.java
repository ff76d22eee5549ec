package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.secrets.HeldToken;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.OwnSession;
import dev.gitopsexecutor.secrets.Vault;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

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
        return each(alive(held), (own, token) -> own.revoke(token).stream().toList());
    }

    /** Renews what releases live on; returns what somebody should do something about. */
    List<String> renew(List<HeldToken> kept) {
        List<HeldToken> alive = alive(kept);
        List<String> problems = new ArrayList<>(each(alive, OwnSession::renew));
        kept.stream()
                .filter(token -> !alive.contains(token))
                .forEach(token -> problems.add(told(token, "it is over, and so are its secrets: deploy again")));
        return problems;
    }

    private List<HeldToken> alive(List<HeldToken> held) {
        List<HeldToken> alive = new ArrayList<>();
        for (HeldToken token : held) {
            if (token.until().isAfter(clock.instant())) {
                alive.add(token);
            } else {
                tokens.drop(token);
            }
        }
        return alive;
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
                act.apply(own, token).forEach(problem -> problems.add(told(token, problem)));
            }
        } catch (ExecutorException failed) {
            problems.add("%d tokens of Vault are left as they are.\n%s"
                    .formatted(held.size(), failed.failure().block().stripTrailing()));
        }
        return problems;
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
