package dev.gitopsexecutor.secrets;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.identity.TestTokens;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.EnvKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a real server: what it answers is the specification. */
class VaultIT {
    private static final VerifiedIdentity IDENTITY = TestTokens.identity(Map.of());
    private static @Nullable TestVault server;

    @TempDir
    private static Path state;

    private final Masker masker = new Masker();

    @BeforeAll
    static void start() throws IOException {
        String program = System.getenv("GITOPS_BAO");
        assumeTrue(program != null, "GITOPS_BAO does not name a Vault server");
        TestVault vault = TestVault.start(program);
        server = vault;
        vault.call("POST", "sys/auth/jwt", Map.of("type", "jwt"));
        vault.call("POST", "sys/auth/empty", Map.of("type", "jwt"));
        vault.call(
                "POST",
                "auth/jwt/config",
                Map.of(
                        "jwt_validation_pubkeys",
                        List.of(TestTokens.publicKey()),
                        "bound_issuer",
                        "https://gitlab.example.com"));
        vault.call("POST", "sys/mounts/kv", Map.of("type", "kv", "options", Map.of("version", "2")));
        vault.call("POST", "sys/mounts/team/kv", Map.of("type", "kv", "options", Map.of("version", "2")));
        vault.call("POST", "sys/mounts/old", Map.of("type", "kv", "options", Map.of("version", "1")));
        vault.call("PUT", "sys/policies/acl/shop", Map.of("policy", """
                path "kv/data/shop/*" { capabilities = ["read"] }
                path "team/kv/data/*" { capabilities = ["read"] }
                path "old/*" { capabilities = ["read"] }
                path "nowhere/*" { capabilities = ["read"] }
                """));
        role("shop", Map.of("environment", "production", "project_id", "22"), "service");
        role("other-environment", Map.of("environment", "staging"), "service");
        role("batch", Map.of(), "batch");
        vault.call("POST", "auth/jwt/role/other-audience", role(Map.of(), "service", "vault"));
        vault.call("POST", "kv/data/shop/production", Map.of("data", Map.of("database_password", "first-value")));
        vault.call(
                "POST",
                "kv/data/shop/production",
                Map.of("data", Map.of("database_password", "correct-horse", "port", 5432, "pin", "1234")));
        vault.call("POST", "kv/data/shop/deleted", Map.of("data", Map.of("a", "b")));
        vault.call("DELETE", "kv/data/shop/deleted", Map.of());
        vault.call("POST", "kv/data/shop/destroyed", Map.of("data", Map.of("a", "b")));
        vault.call("POST", "kv/destroy/shop/destroyed", Map.of("versions", List.of(1)));
        vault.call("POST", "kv/data/other/app", Map.of("data", Map.of("a", "b")));
        vault.call("POST", "team/kv/data/x", Map.of("data", Map.of("key", "of-a-nested-mount")));
        vault.call("POST", "old/shop", Map.of("key", "of-the-first-version", "number", 7));
        vault.call(
                "POST", "kv/data/shop/registry", Map.of("data", Map.of("username", "ci", "password", "long-enough")));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void readsTheNewestVersionAndRevokesItsToken() {
        List<String> others = accessors();
        VaultSession session = login("shop");

        Map<String, SecretValue> secret = read(session, "kv", "shop/production");

        assertThat(secret).containsEntry("database_password", SecretValue.of("correct-horse"));
        assertThat(secret).containsEntry("port", SecretValue.of("5432"));
        assertThat(session.versions()).singleElement().satisfies(read -> {
            assertThat(read.path()).isEqualTo("shop/production");
            assertThat(read.version()).isEqualTo(2);
            assertThat(read.created()).isBefore(Instant.now());
        });
        assertThat(accessors()).hasSize(others.size() + 1).containsAll(others);
        assertThat(session.revoke()).isEmpty();
        assertThat(accessors()).containsExactlyInAnyOrderElementsOf(others);
        assertThat(session.revoke()).isEmpty();
        session.close();
    }

    @Test
    void readsAMountOfSeveralParts() {
        try (VaultSession session = login("shop")) {
            assertThat(read(session, "team/kv", "x")).containsEntry("key", SecretValue.of("of-a-nested-mount"));
        }
    }

    @Test
    void revokesTheTokenOfACanceledJob() {
        List<String> others = accessors();
        VaultSession session = login("shop");
        Thread.currentThread().interrupt();

        session.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(accessors()).containsExactlyInAnyOrderElementsOf(others);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kv  | shop/missing   | does not exist",
                "kv  | shop/destroyed | was destroyed \\(version 1\\)",
                "kv  | shop/deleted   | was deleted at 20\\S+Z \\(version 1\\)",
                // An engine of version 1 has no paths of version 2.
                "old | x              | does not exist",
            })
    void saysWhyASecretIsNotThere(String mount, String path, String reason) {
        try (VaultSession session = login("shop")) {
            assertThat(session.lookUp(new KvEngine(mount, 2), path, OptionalLong.empty()))
                    .isInstanceOfSatisfying(
                            KvAnswer.Missing.class,
                            missing -> assertThat(missing.reason()).matches(reason));
        }
    }

    @Test
    void readsTheVersionThatIsNamed() {
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop");

            SortedMap<EnvKey, SecretValue> values = reader.read(
                    refs("OLD", "shop/production@1#database_password", "NEW", "shop/production#database_password"));

            assertThat(values)
                    .containsEntry(new EnvKey("OLD"), SecretValue.of("first-value"))
                    .containsEntry(new EnvKey("NEW"), SecretValue.of("correct-horse"));
            assertThat(session.versions()).extracting(SecretVersion::version).containsExactlyInAnyOrder(1L, 2L);
            assertThatThrownBy(() -> reader.read(refs("A", "shop/production@9#database_password")))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            failed -> assertThat(failed.failure().saw())
                                    .isEqualTo("A: shop/production@9 has no such version"));
        }
    }

    @Test
    void readsTheNewestVersionOnceThoughItChangesMeanwhile() {
        server().call("POST", "kv/data/shop/moving", Map.of("data", Map.of("a", "the-first-value")));
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop");
            SortedMap<EnvKey, SecretValue> before = reader.read(refs("A", "shop/moving#a"));
            server().call("POST", "kv/data/shop/moving", Map.of("data", Map.of("a", "the-second-value")));

            assertThat(reader.read(refs("A", "shop/moving#a"))).isEqualTo(before);
        }
    }

    @Test
    void readsAnEngineOfVersionOne() {
        KvEngine old = new KvEngine("old", 1);
        try (VaultSession session = login("shop")) {
            assertThat(session.lookUp(old, "shop", OptionalLong.empty()))
                    .isEqualTo(new KvAnswer.Found(
                            Map.of("key", SecretValue.of("of-the-first-version"), "number", SecretValue.of("7")),
                            Optional.empty()));
            assertThat(session.versions()).isEmpty();
            assertThat(session.lookUp(old, "missing", OptionalLong.empty()))
                    .isEqualTo(new KvAnswer.Missing("does not exist"));
        }
    }

    @Test
    void readsAKeyThatThePolicyAllowsAlone() {
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop/production#database_password");

            assertThat(reader.read(refs("A", "shop/production#database_password")))
                    .hasSize(1);
            assertThatThrownBy(() -> reader.read(refs("A", "shop/production#port")))
                    .hasMessageContaining("A: shop/production is not below shop/production#database_password");
        }
    }

    @Test
    void takesAShortValueWhereThePolicySaysSo() {
        try (VaultSession session = login("shop")) {
            var scope = new SecretScope(new KvEngine("kv", 2), List.of("shop"), List.of(), true);

            assertThat(new SecretReader(session, Optional.empty(), scope, masker)
                            .read(refs("PIN", "shop/production#pin")))
                    .containsEntry(new EnvKey("PIN"), SecretValue.of("1234"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dynamic:database/creds/shop#username | 2 | A: database/creds/shop is made at each read, and the policy"
                        + " keeps no leases",
                "shop/production@2#port | 1 | A: shop/production names a version, and kv is a KV engine of version 1",
            })
    void refusesWhatThePolicyDoesNotKnowBeforeAnybodyIsAsked(String ref, int version, String saw) {
        var scope = new SecretScope(new KvEngine("kv", version), List.of("shop"), List.of(), false);

        assertThatThrownBy(() -> scope.require(refs("A", ref)))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.SECRET_REFUSED);
                    assertThat(failed.failure().saw()).isEqualTo(saw);
                });
    }

    @Test
    void saysThatANamespaceIsNotThere() {
        assertThatThrownBy(() -> vault(inNamespace("nowhere")).login(IDENTITY, "shop"))
                .hasMessage(
                        "Cannot log in to Vault: 404: there is no such namespace as `vault.namespace` of executor.yaml"
                                + " [VAULT_REFUSED]");
    }

    @Test
    void readsAndRevokesInANamespace() {
        server().call("POST", "sys/namespaces/platform", Map.of());
        server().call("POST", "platform/sys/auth/jwt", Map.of("type", "jwt"));
        server().call(
                        "POST",
                        "platform/auth/jwt/config",
                        Map.of(
                                "jwt_validation_pubkeys",
                                List.of(TestTokens.publicKey()),
                                "bound_issuer",
                                "https://gitlab.example.com"));
        server().call("PUT", "platform/sys/policies/acl/shop", Map.of("policy", """
                path "kv/data/shop" { capabilities = ["read"] }
                """));
        server().call("POST", "platform/auth/jwt/role/shop", role(Map.of(), "service", "gitops-executor"));
        server().call("POST", "platform/sys/mounts/kv", Map.of("type", "kv", "options", Map.of("version", "2")));
        server().call("POST", "platform/kv/data/shop", Map.of("data", Map.of("key", "of-the-namespace")));

        VaultSession session = vault(inNamespace("platform")).login(IDENTITY, "shop");

        assertThat(read(session, "kv", "shop")).containsEntry("key", SecretValue.of("of-the-namespace"));
        assertThat(session.revoke()).isEmpty();
    }

    private static VaultSettings inNamespace(String namespace) {
        return new VaultSettings(
                server().settings().address(), "jwt", Optional.of(namespace), Optional.empty(), Optional.empty());
    }

    @Test
    void remembersATokenUntilItIsRevoked() {
        VaultSession session = login("shop");

        assertThat(held().of(IDENTITY.jobId())).singleElement().satisfies(token -> {
            assertThat(accessors()).contains(token.accessor());
            assertThat(token.until())
                    .isBetween(Instant.now().plusSeconds(240), Instant.now().plusSeconds(301));
        });
        session.close();
        assertThat(held().all()).isEmpty();
    }

    @Test
    void revokesATokenThatNobodyCouldRevokeLater() throws IOException {
        List<String> others = accessors();
        Path notADirectory = state.resolve("a-file");
        Files.createFile(notADirectory);
        Vault vault =
                new Vault(server().settings(), new HeldTokens(notADirectory), new Masker(), InstantSource.system());

        assertThatThrownBy(() -> vault.login(IDENTITY, "shop"))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.STATE_UNUSABLE));
        assertThat(accessors()).containsExactlyInAnyOrderElementsOf(others);
    }

    @Test
    void saysWhatThePolicyOfVaultRefuses() {
        try (VaultSession session = login("shop")) {
            assertThatThrownBy(() -> read(session, "kv", "other/app"))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.failure().saw()).isEqualTo("403: permission denied");
                        assertThat(failed.code()).isEqualTo(FailureCode.VAULT_REFUSED);
                        assertThat(failed.failure().on())
                                .isEqualTo("kv/other/app on %s"
                                        .formatted(server().settings().address()));
                    });
        }
    }

    @Test
    void saysWhenNothingIsMounted() {
        try (VaultSession session = login("shop")) {
            assertThatThrownBy(() -> read(session, "nowhere", "x"))
                    .hasMessage("Cannot read a secret from Vault: 404: no secrets engine is mounted at \"nowhere\""
                            + " [VAULT_REFUSED]");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jwt   | missing           | 400: the role is not there",
                "jwt   | other-environment | 400: the role binds claim `environment` to other values than the token's",
                "jwt   | other-audience    | 400: the role binds another audience than the token's `aud`",
                "empty | shop              | 400: the auth mount is not configured",
                "none  | shop              | 403: permission denied; is there a JWT auth method at this mount?",
            })
    void saysWhyALoginIsRefused(String mount, String role, String saw) {
        ExecutorException refused = catchThrowableOfType(
                ExecutorException.class, () -> vault(server().settings(mount)).login(IDENTITY, role));

        assertThat(refused.failure().saw()).isEqualTo(saw);
        assertThat(refused.code()).isEqualTo(FailureCode.VAULT_REFUSED);
        assertThat(refused.failure().on())
                .isEqualTo("role %s of auth/%s on %s"
                        .formatted(role, mount, server().settings().address()));
        assertThat(refused).hasNoCause();
    }

    @Test
    void saysWhenTheSignatureIsNotTheIssuers() {
        VerifiedIdentity forged = TestIdentities.with(
                Map.of(),
                IDENTITY.revealToken().substring(0, 400) + "AAAA"
                        + IDENTITY.revealToken().substring(404));

        assertThatThrownBy(() -> vault().login(forged, "shop"))
                .hasMessageContaining(
                        "400: the token's signature does not verify with the keys that the auth mount has [VAULT_REFUSED]");
    }

    @Test
    void warnsWhenATokenCannotBeRevoked() {
        VaultSession session = login("batch");

        assertThat(session.revoke())
                .hasValueSatisfying(warning -> assertThat(warning).contains("revoke-self"));
    }

    @Test
    void readsAllSecretsOfAReleaseAndHidesThem() throws IOException {
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop");

            SortedMap<EnvKey, SecretValue> values = reader.read(refs(
                    "DATABASE_PASSWORD", "shop/production#database_password",
                    "REGISTRY_PASSWORD", "shop/registry#password",
                    "SAME_AGAIN", "shop/production#database_password"));

            assertThat(values).containsEntry(new EnvKey("DATABASE_PASSWORD"), SecretValue.of("correct-horse"));
            assertThat(session.versions()).hasSize(2);
            assertThat(masked("it is correct-horse\n")).isEqualTo("it is [MASKED]\n");
            assertThat(reader.readCredential("shop/registry"))
                    .isEqualTo(new Credential("ci", SecretValue.of("long-enough")));
        }
    }

    @Test
    void namesEveryMissingSecretAtOnce() {
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop");

            assertThatThrownBy(() -> reader.read(refs(
                            "A", "shop/production#databse_password",
                            "B", "shop/missing#x",
                            "C", "shop/production#database_password",
                            "D", "shop/destroyed#x")))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            failed -> assertThat(failed.failure().block()).isEqualTo("""
                                    Cannot read the secrets of the release. [SECRET_MISSING]
                                      on:   KV mount kv
                                      saw:  A: shop/production has no key "databse_password"; it has database_password, pin, port
                                            B: shop/missing does not exist
                                            D: shop/destroyed was destroyed (version 1)
                                      next: Write the secrets in Vault, or correct `secrets` in .gitops/deploy.yaml.
                                    """));
        }
    }

    @Test
    void asksVaultForNothingOutsideThePolicysPaths() {
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop/staging", "shop/common");

            assertThatThrownBy(() -> reader.read(refs(
                            "A", "shop/production#database_password",
                            "B", "shop/staging2#x",
                            "C", "shop/staging/db#x")))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.SECRET_REFUSED);
                        assertThat(failed.failure().saw())
                                .isEqualTo("A: shop/production is not below shop/staging or shop/common\n"
                                        + "B: shop/staging2 is not below shop/staging or shop/common");
                    });
            assertThat(session.versions()).isEmpty();
        }
    }

    @Test
    void refusesASecretThatCannotBeMasked() {
        try (VaultSession session = login("shop")) {
            SecretReader reader = reader(session, "shop");

            assertThatThrownBy(() -> reader.read(refs("PIN", "shop/production#pin")))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.SECRET_REFUSED);
                        assertThat(failed.failure().saw())
                                .isEqualTo("PIN: the value at shop/production#pin has fewer than 8 characters, too few"
                                        + " to be masked in logs");
                    });
        }
    }

    private String masked(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = masker.wrap(out)) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static SortedMap<EnvKey, SecretRef> refs(String... pairs) {
        SortedMap<EnvKey, SecretRef> refs = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            refs.put(new EnvKey(pairs[i]), SecretRef.parse(pairs[i + 1]));
        }
        return refs;
    }

    private static Map<String, SecretValue> read(VaultSession session, String mount, String path) {
        return switch (session.lookUp(new KvEngine(mount, 2), path, OptionalLong.empty())) {
            case KvAnswer.Found found -> found.values();
            case KvAnswer.Missing missing -> throw new AssertionError(path + " " + missing.reason());
        };
    }

    private SecretReader reader(VaultSession session, String... paths) {
        return new SecretReader(
                session,
                Optional.empty(),
                new SecretScope(new KvEngine("kv", 2), List.of(paths), List.of(), false),
                masker);
    }

    private static Vault vault() {
        return vault(server().settings());
    }

    private static Vault vault(VaultSettings settings) {
        return new Vault(settings, held(), new Masker(), InstantSource.system());
    }

    private static HeldTokens held() {
        return new HeldTokens(state);
    }

    private static VaultSession login(String role) {
        return vault().login(IDENTITY, role);
    }

    private static TestVault server() {
        return requireNonNull(server);
    }

    private static List<String> accessors() {
        return server().accessors();
    }

    private static void role(String name, Map<String, String> claims, String type) {
        server().call("POST", "auth/jwt/role/" + name, role(claims, type, "gitops-executor"));
    }

    private static Map<String, Object> role(Map<String, String> claims, String type, String audience) {
        return Map.of(
                "role_type",
                "jwt",
                "user_claim",
                "project_id",
                "bound_audiences",
                List.of(audience),
                "bound_claims",
                claims,
                "token_policies",
                List.of("shop"),
                "token_type",
                type,
                "token_ttl",
                "5m");
    }
}
