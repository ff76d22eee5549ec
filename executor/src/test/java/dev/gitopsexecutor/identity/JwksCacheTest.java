package dev.gitopsexecutor.identity;

import static dev.gitopsexecutor.identity.Forge.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JwksCacheTest {
    private static final RSAKey NEXT = Forge.key("next");

    @TempDir
    private Path directory;

    private TestKeyServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestKeyServer(Forge.KEY.toPublicJWK());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void keepsKeysOnDiskForItsOwnerOnly() throws IOException {
        assertThat(names(cache(Duration.ZERO).current())).containsExactly("current");
        assertThat(names(cache(Duration.ofMinutes(59)).current())).containsExactly("current");

        assertThat(server.requests()).isEqualTo(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void fetchesAgainWhenKeysAreNoLongerFresh() {
        cache(Duration.ZERO).current();
        server.serve(NEXT.toPublicJWK());

        assertThat(names(cache(Duration.ofMinutes(61)).current())).containsExactly("next");
    }

    @Test
    void keepsTheLastGoodKeysWhileTheIssuerFails() {
        cache(Duration.ZERO).current();
        server.answer(500, "broken");

        assertThat(names(cache(Duration.ofHours(24)).current())).containsExactly("current");
    }

    @Test
    void failsClosedWhenTheLastGoodKeysAreTooOld() {
        cache(Duration.ZERO).current();
        server.answer(500, "broken");

        assertThatThrownBy(() -> cache(Duration.ofHours(24).plusSeconds(1)).current())
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.blame()).isEqualTo(Blame.SYSTEM);
                    assertThat(failed.failure().block()).isEqualTo("""
                            Cannot fetch the keys that sign ID tokens. [JWKS_UNAVAILABLE]
                              on:   %s
                              saw:  answer 500
                              next: Check `gitlab.url` and `gitlab.ca_file` in executor.yaml, the network and GitLab itself.
                            """.formatted(server.uri()));
                });
    }

    @ParameterizedTest
    @CsvSource({
        "404, '{}', answer 404",
        "200, '<html>', an answer that is not a JSON key set",
        "200, '{\"keys\": []}', a key set without keys",
        "200, '{\"keys\": [null]}', an answer that is not a JSON key set",
        "302, '', answer 302",
    })
    void saysWhatTheIssuerAnswered(int status, String body, String saw) {
        server.answer(status, body);

        assertThatThrownBy(() -> cache(Duration.ZERO).current())
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.JWKS_UNAVAILABLE);
                    assertThat(failed.failure().saw()).isEqualTo(saw);
                });
    }

    @Test
    void fetchesOnceForAnUnknownKey() {
        cache(Duration.ZERO).current();
        server.serve(Forge.KEY.toPublicJWK(), NEXT.toPublicJWK());

        String token = Forge.token(Map.of("alg", "RS256", "kid", "next"), Forge.claims(), NEXT);
        UnverifiedToken parsed = UnverifiedToken.parse(token).orElseThrow();
        IssuerKeys keys = new IssuerKeys(cache(Duration.ofSeconds(31)));

        assertThat(keys.knows(parsed)).isTrue();
        assertThat(keys.signed(parsed)).isTrue();
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void asksNoMoreThanTwiceAMinuteForUnknownKeys() {
        cache(Duration.ZERO).current();
        UnverifiedToken unknown = UnverifiedToken.parse(
                        Forge.token(Map.of("alg", "RS256", "kid", "nobody"), Forge.claims(), NEXT))
                .orElseThrow();

        for (int second = 1; second <= 30; second++) {
            assertThat(new IssuerKeys(cache(Duration.ofSeconds(second))).knows(unknown))
                    .isFalse();
        }

        assertThat(server.requests()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"damaged", "'{\"keys\": 5}'", "''"})
    void fetchesAgainWhenTheFileIsDamaged(String content) throws IOException {
        cache(Duration.ZERO).current();
        Files.writeString(file(), content);

        assertThat(names(cache(Duration.ZERO).current())).containsExactly("current");
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void doesNotBelieveKeysOfAnotherIssuer() throws IOException {
        cache(Duration.ZERO).current();
        try (TestKeyServer other = new TestKeyServer(NEXT.toPublicJWK())) {
            var settings = new IssuerSettings(
                    "https://other.example.com", other.uri(), "x", Optional.empty(), Duration.ofHours(1), Set.of());

            assertThat(names(new JwksCache(settings, file(), InstantSource.fixed(NOW)).current()))
                    .containsExactly("next");
        }
    }

    @Test
    void doesNotBelieveKeysFromTheFuture() {
        cache(Duration.ofHours(1)).current();

        cache(Duration.ZERO).current();

        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void fetchesKeysForAnUnknownOneWhenItHasNone() {
        assertThat(names(cache(Duration.ZERO).afterUnknownKey())).contains("current");
        assertThat(server.requests()).isEqualTo(1);
        assertThat(names(cache(Duration.ofSeconds(30)).afterUnknownKey())).contains("current");
        assertThat(server.requests()).as("a moment ago").isEqualTo(1);
        assertThat(names(cache(Duration.ofSeconds(31)).afterUnknownKey())).contains("current");
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void usesAKeyThatIsForSignaturesAndNoWeakOne() throws Exception {
        UnverifiedToken token =
                UnverifiedToken.parse(Forge.token(Forge.claims())).orElseThrow();
        RSAKey signing = new RSAKey.Builder(Forge.KEY.toRSAPublicKey())
                .keyID("current")
                .keyUse(KeyUse.SIGNATURE)
                .build();
        server.serve(signing);
        assertThat(new IssuerKeys(cache(Duration.ZERO)).signed(token)).isTrue();

        RSAKey weak = new RSAKeyGenerator(1024, true).keyID("current").generate();
        server.serve(weak.toPublicJWK());
        assertThat(new IssuerKeys(cache(Duration.ofHours(2))).knows(token)).isFalse();
    }

    @Test
    void usesOnlyStrongRsaKeysForSignatures() throws Exception {
        RSAKey encryption = new RSAKey.Builder(NEXT.toRSAPublicKey())
                .keyID("current")
                .keyUse(KeyUse.ENCRYPTION)
                .build();
        JWK secret = new OctetSequenceKey.Builder(new byte[64]).keyID("current").build();
        server.answer(200, new JWKSet(List.of(secret, encryption)).toString(false));
        UnverifiedToken token =
                UnverifiedToken.parse(Forge.token(Forge.claims())).orElseThrow();

        assertThat(new IssuerKeys(cache(Duration.ZERO)).knows(token)).isFalse();
    }

    private JwksCache cache(Duration sinceNow) {
        var settings = new IssuerSettings(
                Forge.ISSUER, server.uri(), "gitops-executor", Optional.empty(), Duration.ofHours(1), Set.of());
        return new JwksCache(settings, file(), InstantSource.fixed(NOW.plus(sinceNow)));
    }

    private Path file() {
        return directory.resolve("state/jwks.json");
    }

    private static List<String> names(List<JWK> keys) {
        return keys.stream().map(JWK::getKeyID).toList();
    }
}
