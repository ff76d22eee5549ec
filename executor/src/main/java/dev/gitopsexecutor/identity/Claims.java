package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.failure.Shown;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tests of which a {@link TokenCheck} is made. */
final class Claims {
    static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");
    static final Pattern TOKEN_ID = Pattern.compile("[0-9A-Za-z-]{8,128}");
    static final Pattern TEXT = Pattern.compile("[^\\p{Cntrl}]{1,512}");
    /** As long as it likes, for it is in no list; but one line that may be printed. */
    private static final Pattern LINE = Pattern.compile("[^\\p{Cntrl}]*");

    static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    static final Pattern BOOLEAN = Pattern.compile("true|false");
    static final Pattern REF_TYPE = Pattern.compile("branch|tag");
    static final Pattern REF_PATH = Pattern.compile("refs/[^\\p{Cntrl} ]{1,512}");

    private Claims() {}

    /** A claim that must be there, be text and look as {@code pattern} says. */
    static TokenCheck.Test text(String claim, Pattern pattern, String wanted) {
        return token -> new Comparison(
                token.claim(claim).orElse(null) instanceof String text
                        && pattern.matcher(text).matches(),
                shown(token.claim(claim)),
                wanted);
    }

    /** A claim that need not be there. */
    static TokenCheck.Test line(String claim) {
        return token -> new Comparison(
                token.claim(claim).isEmpty()
                        || (token.claim(claim).get() instanceof String text
                                && LINE.matcher(text).matches()),
                shown(token.claim(claim)),
                "one line of text, or none");
    }

    /** A claim that must be there and equal {@code wanted}, type included. */
    static TokenCheck.Test equal(String claim, Object wanted) {
        return token -> same(token.claim(claim), wanted);
    }

    static TokenCheck.Test header(String name, Object wanted) {
        return token -> same(token.header(name), wanted);
    }

    /** One audience, whether written as text or as a list of one. */
    static TokenCheck.Test onlyAudience(String wanted) {
        return token -> {
            Optional<Object> audience = token.claim("aud");
            Optional<Object> only = audience.map(
                    value -> value instanceof List<?> list && list.size() == 1 && list.getFirst() instanceof String text
                            ? text
                            : value);
            return same(only, wanted);
        };
    }

    static TokenCheck.Test wholeNumber(String claim) {
        return token -> new Comparison(
                token.claim(claim).orElse(null) instanceof Long number && number > 0,
                shown(token.claim(claim)),
                "a positive number");
    }

    /** A claim that is one of {@code wanted}, or anything when none is. */
    static TokenCheck.Test oneOf(String claim, Set<Long> wanted) {
        String list = wanted.isEmpty()
                ? "anything"
                : wanted.stream().sorted().map(String::valueOf).collect(Collectors.joining(", ", "one of ", ""));
        return token -> new Comparison(
                wanted.isEmpty() || token.claim(claim).filter(wanted::contains).isPresent(),
                shown(token.claim(claim)),
                list);
    }

    static TokenCheck.Test notBefore(String claim, Instant earliest, String wanted) {
        return token -> time(token, claim, time -> !time.isBefore(earliest), wanted);
    }

    static TokenCheck.Test notAfter(String claim, Instant latest, String wanted) {
        return token -> time(token, claim, time -> !time.isAfter(latest), wanted);
    }

    static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }

    static Comparison same(Optional<Object> value, Object wanted) {
        return new Comparison(value.filter(wanted::equals).isPresent(), shown(value), shown(Optional.of(wanted)));
    }

    static String shown(Optional<Object> value) {
        return switch (value.orElse(null)) {
            case null -> "none";
            case String text -> Shown.quoted(text);
            case Object other -> Shown.plain(other.toString());
        };
    }

    private static Comparison time(UnverifiedToken token, String claim, Predicate<Instant> holds, String wanted) {
        return time(token, claim)
                .map(time -> new Comparison(holds.test(time), time.toString(), wanted))
                .orElseGet(() -> new Comparison(false, shown(token.claim(claim)), "a time in seconds since 1970"));
    }

    static Optional<Instant> time(UnverifiedToken token, String claim) {
        try {
            return token.claim(claim)
                    .filter(Number.class::isInstance)
                    .map(value -> Instant.ofEpochSecond(((Number) value).longValue()));
        } catch (DateTimeException absurd) {
            return Optional.empty();
        }
    }
}
