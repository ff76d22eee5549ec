package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.io.Http;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Posts JSON, and says what came of it in words that never have the URL in them, which may be a secret. */
final class HttpPost implements AutoCloseable {
    private static final int LIMIT = 64 * 1024;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private final Http http;
    private final InstantSource clock;

    HttpPost(Optional<Path> caFile, InstantSource clock) throws IOException {
        this.http = Http.open(caFile);
        this.clock = clock;
    }

    /** @param judge makes what it is of an answer */
    Attempt send(
            URI uri, Map<String, String> headers, String json, Duration timeout, Function<Http.Answer, Attempt> judge)
            throws InterruptedException {
        try {
            return judge.apply(http.postJson(uri, headers, json, timeout, LIMIT));
        } catch (SSLException failed) {
            return BrokenTls.attempt(failed);
        } catch (IOException failed) {
            return new Attempt.Failed(saw(failed, timeout));
        }
    }

    /** Not the exception's own words, in which the address may be. */
    private static String saw(IOException failed, Duration timeout) {
        if (failed instanceof ConnectException) {
            return "nobody answers there";
        }
        return Http.isUnanswered(failed)
                ? "no whole answer in %s".formatted(Wording.shown(timeout))
                : "the connection ended without a whole answer, or with one of more than 64 KiB";
    }

    /** What every status but 2xx means, for whoever has nothing better to say. */
    Attempt judged(Http.Answer answer) {
        int status = answer.status();
        if (status == 429 || status == 408 || status == 425 || status >= 500) {
            return new Attempt.Failed("HTTP " + status, retryAfter(answer));
        }
        if (status >= 300 && status < 400) {
            return new Attempt.Refused("HTTP %d, a redirect, which is not followed".formatted(status));
        }
        return new Attempt.Refused("HTTP " + status);
    }

    /** Seconds, or a date; anything else says nothing. */
    private Optional<Duration> retryAfter(Http.Answer answer) {
        return answer.header("retry-after").map(String::strip).flatMap(text -> {
            if (SECONDS.matcher(text).matches()) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
            }
            try {
                Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                Duration wait = Duration.between(clock.instant(), then);
                return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
            } catch (DateTimeException unreadable) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void close() {
        http.close();
    }
}
