package dev.gitopsexecutor.secrets;

import io.github.jopenlibs.vault.json.Json;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.json.JsonValue;
import io.github.jopenlibs.vault.json.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How long a token or lease lives now.
 *
 * @param isLast whether its role lets it live no longer than that
 */
record Renewal(Instant until, boolean isLast) {
    /** For an operator to deploy again before it is over. */
    private static final Duration SOON = Duration.ofDays(3);

    /**
     * Of Vault's answer; empty when it is another refusal than of one that cannot be renewed.
     *
     * @param part of the answer that says how long: {@code auth} of a token, none of a lease
     * @param end as it was known before
     */
    static Optional<Renewal> of(Reply<?> reply, String part, Instant now, Instant end) {
        String refusal = Reply.refusal(reply);
        boolean isFixed = refusal.contains("not renewable") || (!part.isEmpty() && refusal.contains("invalid request"));
        if (isFixed) {
            return Optional.of(new Renewal(end, true));
        }
        if (!(reply instanceof Reply.Answered<?> answered) || answered.status() != 200) {
            return Optional.empty();
        }
        try {
            JsonObject body = Json.parse(answered.body()).asObject();
            JsonObject holder = part.isEmpty() ? body : VaultToken.object(body, part);
            JsonValue warnings = body.get("warnings");
            return Optional.ofNullable(holder)
                    .map(json -> new Renewal(
                            now.plusSeconds(json.getLong("lease_duration", 0)),
                            warnings != null && warnings.toString().contains("capped")));
        } catch (ParseException | UnsupportedOperationException notVault) {
            return Optional.empty();
        }
    }

    /** What somebody should do something about. */
    Optional<String> warning(String what, Instant now) {
        return isLast && until.isBefore(now.plus(SOON))
                ? Optional.of("%s ends at %s, and its role lets it live no longer: deploy again before"
                        .formatted(what, until))
                : Optional.empty();
    }
}
