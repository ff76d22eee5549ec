package dev.gitopsexecutor.secrets;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.ProcessId;
import dev.gitopsexecutor.model.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the executor does in Vault as itself, against a real server. */
class OwnIdentityIT {
    private static final SortedMap<String, Instant> NO_LEASES = new TreeMap<>();
    private static final KvEngine KV = new KvEngine("kv", 2);
    private static final JobId JOB = new JobId(7);
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMKBN8xyMIx9h3mxNCUBqLLVDUBBPqXkEa8lYwNXdD0";
    private static @Nullable TestVault server;

    @TempDir
    private Path state;

    private Path secretId;
    private HeldTokens held;

    @BeforeAll
    static void start() throws IOException {
        String program = System.getenv("GITOPS_BAO");
        assumeTrue(program != null, "GITOPS_BAO does not name a Vault server");
        TestVault vault = TestVault.start(program);
        server = vault;
        vault.call("POST", "sys/auth/approle", Map.of("type", "approle"));
        vault.call("PUT", "sys/policies/acl/executor", Map.of("policy", """
                path "auth/token/revoke-accessor" { capabilities = ["update"] }
                path "auth/token/renew-accessor" { capabilities = ["update"] }
                path "sys/leases/renew" { capabilities = ["update"] }
                path "ssh/sign/*" { capabilities = ["update"] }
                path "kv/data/shop/*" { capabilities = ["read", "update"] }
                path "kv/metadata/shop/*" { capabilities = ["read"] }
                path "kv/destroy/shop/*" { capabilities = ["update"] }
                """));
        vault.call(
                "POST",
                "auth/approle/role/executor",
                Map.of("token_policies", List.of("executor"), "token_ttl", "5m", "token_type", "service"));
        vault.call("POST", "auth/approle/role/nobody", Map.of("token_policies", List.of(), "token_ttl", "5m"));
        vault.call("POST", "sys/mounts/kv", Map.of("type", "kv", "options", Map.of("version", "2")));
        vault.call("POST", "sys/mounts/ssh", Map.of("type", "ssh"));
        vault.call("POST", "ssh/config/ca", Map.of("generate_signing_key", true, "key_type", "ed25519"));
        vault.call(
                "POST",
                "ssh/roles/shop",
                Map.of(
                        "key_type",
                        "ca",
                        "allow_user_certificates",
                        true,
                        "allowed_users",
                        "deploy",
                        "ttl",
                        "5m",
                        "max_ttl",
                        "10m",
                        "default_critical_options",
                        Map.of("source-address", "127.0.0.0/8"),
                        "allowed_critical_options",
                        "none-is-allowed"));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void readSecretId() throws IOException {
        secretId = state.resolve("secret-id");
        write(server().call("POST", "auth/approle/role/executor/secret-id", Map.of())
                .at("/data/secret_id")
                .textValue());
        held = new HeldTokens(state);
    }

    @AfterEach
    void nothingIsHeld() {
        held.all().forEach(held::drop);
    }

    @Test
    void revokesAJobsTokenByItsAccessor() {
        HeldToken orphan = token("1h", Optional.empty());
        List<String> before = accessors();

        try (OwnSession own = login()) {
            assertThat(own.revoke(orphan)).isEmpty();
            assertThat(own.revoke(orphan))
                    .as("it is gone, which is what was wanted")
                    .isEmpty();
        }

        assertThat(before).contains(orphan.accessor());
        assertThat(accessors()).doesNotContain(orphan.accessor());
        assertThat(held.all()).isEmpty();
    }

    @Test
    void leavesNoTokenOfItsOwn() {
        List<String> before = accessors();

        OwnSession own = login();
        assertThat(accessors()).hasSize(before.size() + 1);
        own.close();

        assertThat(accessors()).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void renewsAKeptTokenAndKeepsItsNewEnd() {
        HeldToken kept = token("1h", Optional.of(new HeldToken.Kept("staging/shop", List.of("r1"), NO_LEASES)));
        held.hold(kept.until(Instant.now().plusSeconds(60)));

        try (OwnSession own = login()) {
            assertThat(own.renew(kept)).isEmpty();
        }

        assertThat(held.all())
                .singleElement()
                .satisfies(
                        token -> assertThat(token.until()).isAfter(Instant.now().plusSeconds(3000)));
    }

    @Test
    void saysWhatEndsSoonOrIsGone() {
        HeldToken last = token(
                "1h",
                Optional.of(new HeldToken.Kept(
                        "staging/shop",
                        List.of("r1"),
                        new TreeMap<>(Map.of("database/creds/shop/gone", Instant.now())))),
                "30m");
        HeldToken fixed =
                token("1h", Optional.of(new HeldToken.Kept("staging/shop", List.of("r2"), NO_LEASES)), "0", false);

        try (OwnSession own = login()) {
            // Vault counts in whole seconds: in the first it does not see that the end comes nearer.
            Awaitility.await()
                    .untilAsserted(() -> assertThat(own.renew(last))
                            .satisfiesExactlyInAnyOrder(
                                    token -> assertThat(token)
                                            .matches(
                                                    "it ends at \\S+Z, and its role lets it live no longer: deploy again"
                                                            + " before"),
                                    lease -> assertThat(lease)
                                            .isEqualTo("lease database/creds/shop/gone is gone, and so are its secrets:"
                                                    + " deploy again")));
            assertThat(own.renew(fixed)).singleElement().asString().startsWith("it ends at ");
        }
    }

    @Test
    void replacesOneValueAndKeepsTheOthersAsTheyAre() {
        secret("a", Map.of("key", "the-old-value", "port", 5432, "list", List.of(1, "two")));
        SecretRef ref = new SecretRef("shop/a", "key");
        try (OwnSession own = login()) {
            Replacement change = own.prepare(KV, ref, SecretValue.of("the-new-value"));
            assertThat(change.valueBefore()).isEqualTo(SecretValue.of("the-old-value"));
            assertThat(own.newest(KV, "shop/a").orElseThrow().version()).isEqualTo(1);

            SecretVersion written = own.write(change);

            assertThat(written.version()).isEqualTo(change.number()).isEqualTo(2);
            assertThat(own.newest(KV, "shop/a")).contains(written);
            assertThat(data("a").toString())
                    .isEqualTo("{\"key\":\"the-new-value\",\"list\":[1,\"two\"],\"port\":5432}");
            assertThat(own.write(change)).as("as after a lost answer").isEqualTo(written);
            assertThat(own.destroy(change)).isEmpty();
            assertThat(server().call("GET", "kv/metadata/shop/a", Map.of())
                            .at("/data/versions/1/destroyed")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void takesAReplacementBackUnlessSomebodyElseHasWritten() {
        secret("b", Map.of("key", "the-old-value", "port", 5432));
        SecretRef ref = new SecretRef("shop/b", "key");
        try (OwnSession own = login()) {
            Replacement change = own.prepare(KV, ref, SecretValue.of("the-new-value"));
            assertThat(own.undo(change, false)).as("nothing was written").isEmpty();
            assertThat(own.newest(KV, "shop/b").orElseThrow().version()).isEqualTo(1);

            own.write(change);
            assertThat(own.undo(change, false)).isEmpty();
            assertThat(own.newest(KV, "shop/b").orElseThrow().version()).isEqualTo(3);
            assertThat(data("b").toString()).isEqualTo("{\"key\":\"the-old-value\",\"port\":5432}");

            assertThat(own.undo(change, false)).contains("somebody else has written version 3 meanwhile");
            assertThatThrownBy(() -> own.write(change))
                    .hasMessage("Cannot replace a secret in Vault: somebody else has written version 3 meanwhile"
                            + " [VAULT_REFUSED]");
        }
    }

    @Test
    void comesBeforeAWriteOfWhichNobodyKnows() {
        secret("d", Map.of("key", "the-old-value"));
        try (OwnSession own = login()) {
            Replacement change = own.prepare(KV, new SecretRef("shop/d", "key"), SecretValue.of("the-new-value"));

            assertThat(own.undo(change, true)).isEmpty();

            assertThatThrownBy(() -> own.write(change)).hasMessageContaining("somebody else has written version 2");
            assertThat(data("d").toString()).isEqualTo("{\"key\":\"the-old-value\"}");
        }
    }

    @Test
    void replacesNothingThatIsNotThere() {
        secret("c", Map.of("key", "the-old-value"));
        try (OwnSession own = login()) {
            assertThatThrownBy(() -> own.prepare(KV, new SecretRef("shop/c", "other"), SecretValue.of("x")))
                    .hasMessageContaining("it has no key \"other\"");
            assertThatThrownBy(() -> own.prepare(KV, new SecretRef("shop/missing", "key"), SecretValue.of("x")))
                    .hasMessageContaining("404");
            assertThat(own.newest(KV, "shop/missing")).isEmpty();
        }
    }

    private static void secret(String name, Map<String, ?> values) {
        server().call("POST", "kv/data/shop/" + name, Map.of("data", values));
    }

    private static JsonNode data(String name) {
        return server().call("GET", "kv/data/shop/" + name, Map.of()).at("/data/data");
    }

    @Test
    void saysThatAKeptTokenIsGone() {
        HeldToken kept = token("1h", Optional.of(new HeldToken.Kept("staging/shop", List.of("r1"), NO_LEASES)));
        server().call("POST", "auth/token/revoke-accessor", Map.of("accessor", kept.accessor()));

        try (OwnSession own = login()) {
            assertThat(own.renew(kept)).containsExactly("it is gone, and so are its secrets: deploy again");
        }

        assertThat(held.all()).as("said until a deploy makes others").containsExactly(kept);
        held.drop(kept);
        try (OwnSession own = login()) {
            assertThat(own.renew(kept)).as("a deploy was faster").isEmpty();
        }
    }

    @Test
    void saysWhatItsPolicyLacks() throws IOException {
        HeldToken orphan = token("1h", Optional.empty());
        write(server().call("POST", "auth/approle/role/nobody/secret-id", Map.of())
                .at("/data/secret_id")
                .textValue());

        try (OwnSession own = vault("nobody").loginItself(Optional.of(JOB))) {
            assertThat(own.revoke(orphan))
                    .contains(
                            "Vault answered 403 to auth/token/revoke-accessor; the policy of the executor's own role must"
                                    + " allow `update` on it");
            assertThatThrownBy(() -> own.signSshKey("ssh", "shop", KEY, Set.of("deploy")))
                    .hasMessage("Cannot have an SSH key signed by Vault: 403: permission denied [VAULT_REFUSED]");
        }
    }

    @Test
    void signsAKeyForTheUsersOfTheHosts() {
        try (OwnSession own = login()) {
            String certificate = own.signSshKey("ssh", "shop", KEY, Set.of("deploy"));

            assertThat(certificate).startsWith("ssh-ed25519-cert-v01@openssh.com ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ssh     | shop    | root | the role does not sign for the users root",
                "ssh     | missing | deploy | there is no such role",
                "nowhere | shop    | deploy | 403: permission denied",
            })
    void saysWhyAKeyIsNotSigned(String mount, String role, String user, String saw) {
        try (OwnSession own = login()) {
            assertThatThrownBy(() -> own.signSshKey(mount, role, KEY, Set.of(user)))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.VAULT_REFUSED);
                        assertThat(failed.failure().saw()).isEqualTo(saw);
                    });
        }
    }

    @Test
    void saysThatTheSecretIdIsNoLongerValid() throws IOException {
        write("00000000-0000-0000-0000-000000000000");

        assertThatThrownBy(this::login).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.VAULT_REFUSED);
            assertThat(failed.failure().saw()).isEqualTo("400: the role id or the secret id is not valid");
            assertThat(failed.failure().next()).contains("vault.own_identity");
        });
    }

    @Test
    void refusesASecretIdThatOthersCouldRead() throws IOException {
        Files.setPosixFilePermissions(secretId, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(this::login)
                .hasMessage(
                        "Cannot read the executor's secret id for Vault: its mode is rw-r--r--: others than its owner"
                                + " may use it [CONFIG_UNSAFE]");
    }

    private OwnSession login() {
        return vault("executor").loginItself(Optional.empty());
    }

    private Vault vault(String role) {
        String roleId = server().call("GET", "auth/approle/role/%s/role-id".formatted(role), Map.of())
                .at("/data/role_id")
                .textValue();
        VaultSettings settings = new VaultSettings(
                server().settings().address(),
                "jwt",
                Optional.empty(),
                Optional.empty(),
                Optional.of(new VaultSettings.OwnIdentity("approle", roleId, secretId, new KvEngine("kv", 2))));
        return new Vault(settings, held, new Masker(), InstantSource.system());
    }

    /** A token as a killed job leaves it. */
    private HeldToken token(String ttl, Optional<HeldToken.Kept> kept) {
        return token(ttl, kept, "0", true);
    }

    private HeldToken token(String ttl, Optional<HeldToken.Kept> kept, String longest) {
        return token(ttl, kept, longest, true);
    }

    private HeldToken token(String ttl, Optional<HeldToken.Kept> kept, String longest, boolean renewable) {
        Map<String, Object> wanted =
                Map.of("ttl", ttl, "policies", List.of("default"), "explicit_max_ttl", longest, "renewable", renewable);
        String accessor = server().call("POST", "auth/token/create", wanted)
                .at("/auth/accessor")
                .textValue();
        HeldToken token = new HeldToken(
                Optional.of(JOB), ProcessId.self(), accessor, Instant.now().plusSeconds(3600), kept);
        held.hold(token);
        return token;
    }

    private void write(String text) throws IOException {
        Files.writeString(secretId, text + "\n");
        Files.setPosixFilePermissions(secretId, PosixFilePermissions.fromString("rw-------"));
    }

    private static List<String> accessors() {
        return server().accessors();
    }

    private static TestVault server() {
        return requireNonNull(server);
    }
}
