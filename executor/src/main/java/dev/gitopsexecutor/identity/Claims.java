package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.identity.TokenCheck.Mismatch;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The tests of which a {@link TokenCheck} is made. */
final class Claims {
    static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");
    static final Pattern TEXT = Pattern.compile("[^\\p{Cntrl}]{1,512}");
    static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    static final Pattern BOOLEAN = Pattern.compile("true|false");
    static final Pattern REF_TYPE = Pattern.compile("branch|tag");
    static final Pattern REF_PATH = Pattern.compile("refs/[^\\p{Cntrl} ]{1,512}");

    private Claims() {}

    /** A claim that must be there, be text and look as {@code pattern} says. */
    static TokenCheck.Test text(String claim, Pattern pattern, String wanted) {
        return token -> token.claim(claim)
                        .filter(value -> value instanceof String text
                                && pattern.matcher(text).matches())
                        .isPresent()
                ? Optional.empty()
                : Optional.of(new Mismatch(shown(token.claim(claim)), wanted));
    }

    /** A claim that must be there and equal {@code wanted}, type included. */
    static TokenCheck.Test equal(String claim, Object wanted) {
        return token -> unless(token.claim(claim), wanted);
    }

    static TokenCheck.Test header(String name, Object wanted) {
        return token -> unless(token.header(name), wanted);
    }

    /** One audience, whether written as text or as a list of one. */
    static TokenCheck.Test onlyAudience(String wanted) {
        return token -> {
            Optional<Object> audience = token.claim("aud");
            Optional<Object> only = audience.map(
                    value -> value instanceof List<?> list && list.size() == 1 && list.getFirst() instanceof String text
                            ? text
                            : value);
            return unless(only, wanted);
        };
    }

    static TokenCheck.Test wholeNumber(String claim) {
        return token -> token.claim(claim)
                        .filter(value -> value instanceof Long number && number > 0)
                        .isPresent()
                ? Optional.empty()
                : Optional.of(new Mismatch(shown(token.claim(claim)), "a positive number"));
    }

    static TokenCheck.Test notBefore(String claim, Instant earliest, String wanted) {
        return token -> time(token, claim)
                .map(time -> time.isBefore(earliest) ? Optional.of(new Mismatch(time.toString(), wanted)) : none())
                .orElseGet(() -> notATime(token, claim));
    }

    static TokenCheck.Test notAfter(String claim, Instant latest, String wanted) {
        return token -> time(token, claim)
                .map(time -> time.isAfter(latest) ? Optional.of(new Mismatch(time.toString(), wanted)) : none())
                .orElseGet(() -> notATime(token, claim));
    }

    static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }

    static Optional<Mismatch> unless(Optional<Object> value, Object wanted) {
        return value.filter(wanted::equals).isPresent()
                ? none()
                : Optional.of(new Mismatch(shown(value), shown(Optional.of(wanted))));
    }

    static String shown(Optional<Object> value) {
        return switch (value.orElse(null)) {
            case null -> "none";
            case String text -> Shown.quoted(text);
            case Object other -> Shown.plain(other.toString());
        };
    }

    private static Optional<Mismatch> none() {
        return Optional.empty();
    }

    private static Optional<Instant> time(UnverifiedToken token, String claim) {
        try {
            return token.claim(claim)
                    .filter(Number.class::isInstance)
                    .map(value -> Instant.ofEpochSecond(((Number) value).longValue()));
        } catch (DateTimeException absurd) {
            return Optional.empty();
        }
    }

    private static Optional<Mismatch> notATime(UnverifiedToken token, String claim) {
        return Optional.of(new Mismatch(shown(token.claim(claim)), "a time in seconds since 1970"));
    }
}
