package dev.gitopsexecutor.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.io.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The issuer's key set on disk, shared by the processes of a job and by those after it.
 *
 * <p>Fresh keys are used without a request. Older ones are fetched again, and kept when that fails, until they reach a
 * hard age; then the issuer must answer.
 */
final class JwksCache {
    private static final Duration FRESH = Duration.ofHours(1);
    private static final Duration HARD_AGE = Duration.ofHours(24);
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 256 * 1024;

    private final IssuerSettings settings;
    private final Path file;
    private final InstantSource clock;
    private @Nullable Stored loaded;

    JwksCache(IssuerSettings settings, Path file, InstantSource clock) {
        this.settings = settings;
        this.file = file;
        this.clock = clock;
    }

    /** Keys and when they were fetched; {@code source} says from where, so that another setting finds no old keys. */
    private record Stored(String source, Instant fetched, String json, List<JWK> keys) {}

    /** Blocks while keys are fetched. */
    List<JWK> current() {
        Optional<Stored> stored = stored();
        if (stored.isPresent() && age(stored.get()).compareTo(FRESH) <= 0) {
            return stored.get().keys();
        }
        return fetchOrKeep(stored);
    }

    /** The keys after one more fetch, unless the last one was a moment ago. Blocks. */
    List<JWK> afterUnknownKey() {
        Optional<Stored> stored = stored();
        if (stored.isPresent() && age(stored.get()).compareTo(BETWEEN_FETCHES) <= 0) {
            return stored.get().keys();
        }
        return fetchOrKeep(stored);
    }

    private List<JWK> fetchOrKeep(Optional<Stored> stored) {
        try {
            Stored fetched = fetch();
            loaded = fetched;
            write(fetched);
            return fetched.keys();
        } catch (IOException | ParseException failed) {
            if (stored.isPresent() && age(stored.get()).compareTo(HARD_AGE) <= 0) {
                return stored.get().keys();
            }
            throw new ExecutorException(
                    new Failure(
                            FailureCode.JWKS_UNAVAILABLE,
                            "fetch the keys that sign ID tokens",
                            settings.jwksUri().toString(),
                            saw(failed),
                            "Check `gitlab.url` and `gitlab.ca_file` in executor.yaml, the network and GitLab itself."),
                    failed);
        }
    }

    private Stored fetch() throws IOException, ParseException {
        try (Http http = Http.open(settings.caFile())) {
            Http.Answer answer = http.get(settings.jwksUri(), Map.of("Accept", "application/json"), TIMEOUT, MAX_BYTES);
            if (answer.status() != 200) {
                throw new IOException("answer " + answer.status());
            }
            Stored fetched = stored(source(), clock.instant(), answer.body());
            if (fetched.keys().isEmpty()) {
                throw new IOException("a key set without keys");
            }
            return fetched;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("the job was canceled", interrupted);
        }
    }

    /** Empty too when the file is damaged, of another issuer or from the future: it is then fetched anew. */
    private Optional<Stored> stored() {
        if (loaded != null) {
            return Optional.of(loaded);
        }
        try {
            Map<String, Object> json = JSONObjectUtils.parse(Files.readString(file));
            Stored read = stored(
                    JSONObjectUtils.getString(json, "source"),
                    Instant.ofEpochSecond(JSONObjectUtils.getLong(json, "fetched")),
                    JSONObjectUtils.getString(json, "keys"));
            if (!read.source().equals(source()) || read.fetched().isAfter(clock.instant())) {
                return Optional.empty();
            }
            loaded = read;
            return Optional.of(read);
        } catch (IOException | ParseException | RuntimeException unusable) {
            return Optional.empty();
        }
    }

    private void write(Stored keys) {
        String json = JSONObjectUtils.toJSONString(Map.of(
                "source", keys.source(),
                "fetched", keys.fetched().getEpochSecond(),
                "keys", keys.json()));
        try {
            AtomicFiles.createPrivateDirectories(
                    requireNonNull(file.toAbsolutePath().getParent()));
            AtomicFiles.write(file, json.getBytes(UTF_8));
        } catch (IOException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.STATE_UNUSABLE,
                            "keep the keys that sign ID tokens",
                            file.toString(),
                            failed.toString(),
                            "Make `state_dir` of executor.yaml writable for the user that the runner runs as."),
                    failed);
        }
    }

    private static Stored stored(String source, Instant fetched, String json) throws ParseException {
        try {
            return new Stored(source, fetched, json, JWKSet.parse(json).getKeys());
        } catch (RuntimeException odd) {
            // The library's answer to JSON of another shape than a key set's.
            throw (ParseException) new ParseException("not a key set", 0).initCause(odd);
        }
    }

    private String source() {
        return settings.issuer() + " " + settings.jwksUri();
    }

    private Duration age(Stored stored) {
        return Duration.between(stored.fetched(), clock.instant());
    }

    private static String saw(Exception failed) {
        return failed instanceof ParseException ? "an answer that is not a JSON key set" : Http.saw(failed);
    }
}
