package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.job.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code plan} and {@code prepull} say before they ask any host; the rest is in {@code PreparedDeployIT}. */
class PlanCommandTest {
    private static final Path ETC = Path.of("../packaging/etc");
    private static final String SHA = "0123456789abcdef0123456789abcdef01234567";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private Path executor;
    private Path policy;

    @BeforeEach
    void write() throws IOException {
        policy = Files.copy(ETC.resolve("policy.yaml"), directory.resolve("policy.yaml"));
        executor = directory.resolve("executor.yaml");
        Files.writeString(
                executor,
                Files.readString(ETC.resolve("executor.yaml"))
                        + "policy_file: %s%nstate_dir: %s%n".formatted(policy, directory));
        Files.createDirectory(directory.resolve(".gitops"));
        Files.copy(Path.of("../examples/shop/.gitops/deploy.yaml"), directory.resolve(".gitops/deploy.yaml"));
        Files.copy(Path.of("../examples/shop/compose.yaml"), directory.resolve("compose.yaml"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "prepull"})
    void saysWhatIsWrongWithItsArgumentsAndFiles(String command) throws IOException {
        assertThat(refusal(command, "stagin", "--commit=" + SHA)).contains("Did you mean \"staging\"?");
        assertThat(refusal(command, "staging")).contains("--commit");
        assertThat(refusal(command, "staging", "--commit=0123")).contains("--commit 0123", "git rev-parse HEAD");
        Files.writeString(
                policy,
                Files.readString(policy).replaceFirst("  staging:\n", "  qa:\n").replace("from: staging", "from: qa"));
        assertThat(refusal(command, "qa", "--commit=" + SHA))
                .contains("it has no environment \"qa\"", "[DEPLOY_SPEC_INVALID]");
        Files.delete(directory.resolve(".gitops/deploy.yaml"));
        assertThat(refusal(command, "qa", "--commit=" + SHA))
                .contains("there is no such file", "--repository", "[USAGE]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "prepull"})
    void needsAnIdentityWhereTheLoginToHostsIsInVault(String command) throws IOException {
        Files.writeString(
                policy,
                Files.readString(policy)
                        .replaceFirst(
                                "ssh_key_file: /etc/gitops-executor/ssh/staging", "ssh_certificate: {role: shop}"));

        assertThat(refusal(command, "staging", "--commit=" + SHA))
                .contains("executor.yaml has no `vault.own_identity`", "action: prepare");
    }

    private String refusal(String... words) {
        out.reset();
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--repository=" + directory, "--config=" + executor));
        assertThat(Cli.run(new Invocation(
                        arguments,
                        Map.of(),
                        out,
                        out,
                        InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z")),
                        new Cancellation())))
                .isEqualTo(2);
        return out.toString(UTF_8);
    }
}
