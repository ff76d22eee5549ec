package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.ledger.DeployedSecret;
import dev.gitopsexecutor.ledger.SecretSighting.Version;
import dev.gitopsexecutor.policy.SecretAge;
import dev.gitopsexecutor.policy.SecretAgeRule;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How one deployed secret stands by the rule of its environment.
 *
 * @param newest in Vault; empty where that is not known
 * @param age of its value; empty where it has no version
 * @param state likewise
 */
record SecretStanding(
        DeployedSecret secret,
        SecretAgeRule rule,
        Optional<SecretVersion> newest,
        Instant now,
        Optional<Duration> age,
        Optional<SecretAge> state) {
    static final List<String> HEAD =
            List.of("ENVIRONMENT", "VARIABLE", "SECRET", "VERSION", "NEWEST", "VERSION AGE", "AGE", "STATE", "NEXT");

    /** The worst first, the oldest of those; at the end what has no age. */
    static final Comparator<SecretStanding> WORST_FIRST = Comparator.comparing((SecretStanding standing) ->
                    standing.state.map(Enum::ordinal).orElse(-1))
            .thenComparing(standing -> standing.age.orElse(Duration.ZERO))
            .reversed()
            .thenComparing(standing -> standing.secret.environment().value())
            .thenComparing(standing -> standing.secret.variable());

    static SecretStanding of(DeployedSecret secret, SecretAgeRule rule, Optional<SecretVersion> newest, Instant now) {
        Optional<Duration> age = secret.first().map(first -> first.ageAt(now));
        return new SecretStanding(secret, rule, newest, now, age, age.map(rule::of));
    }

    boolean isAtLeast(SecretAge worst) {
        return state.filter(mine -> mine.compareTo(worst) >= 0).isPresent();
    }

    /** The cells under {@link #HEAD}. */
    List<String> row() {
        Optional<Version> version = secret.secret().version();
        return List.of(
                secret.environment().value(),
                secret.variable().value(),
                secret.secret().field().toString(),
                version.map(it -> Long.toString(it.number())).orElse("-"),
                newest.map(it -> Long.toString(it.version())).orElse("-"),
                version.map(it -> days(it.ageAt(now))).orElse("-"),
                age.map(SecretStanding::days).orElse("-"),
                said(),
                next().map(limit -> "%s at %d".formatted(word(rule.of(limit)), limit.toDays()))
                        .orElse("-"));
    }

    /** A sentence, when Vault has a newer version than the environment runs with. */
    Optional<String> undeployed() {
        Optional<Version> deployed = secret.secret().version();
        return newest.filter(it ->
                        deployed.filter(mine -> mine.number() < it.version()).isPresent())
                .map(it -> "%s runs with version %d of %s as %s; version %d is in Vault since %s, not deployed."
                        .formatted(
                                secret.environment(),
                                deployed.orElseThrow().number(),
                                secret.secret().field(),
                                secret.variable(),
                                it.version(),
                                it.created()));
    }

    /** For programs; what is not known is left out, times are as in ISO 8601. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("environment", secret.environment().value());
        json.put("project_id", secret.project().value());
        json.put("variable", secret.variable().value());
        json.put("secret", secret.secret().field().toString());
        secret.secret().version().ifPresent(version -> {
            json.put("version", version.number());
            json.put("version_created", version.created().toString());
        });
        newest.ifPresent(version -> {
            json.put("newest_version", version.version());
            json.put("newest_created", version.created().toString());
        });
        secret.first().ifPresent(first -> {
            json.put("value_since_version", first.number());
            json.put("value_since", first.created().toString());
        });
        age.ifPresent(it -> json.put("age_days", it.toDays()));
        json.put("state", said());
        next().ifPresent(limit -> {
            json.put("next_state", word(rule.of(limit)));
            json.put("next_days", limit.toDays());
        });
        json.put("deployed", secret.deployed().toString());
        return json;
    }

    private Optional<Duration> next() {
        return age.flatMap(rule::next);
    }

    private String said() {
        return state.map(SecretStanding::word).orElse("unknown");
    }

    private static String word(SecretAge state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String days(Duration age) {
        return age.toDays() + " d";
    }
}
