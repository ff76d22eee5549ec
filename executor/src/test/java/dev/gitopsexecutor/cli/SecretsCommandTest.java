package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.ledger.SecretSighting.Version;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsCommandTest {
    private static final Path ETC = Path.of("../packaging/etc");
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private Path executor;

    @BeforeEach
    void write() throws IOException {
        Path policy = Files.copy(ETC.resolve("policy.yaml"), directory.resolve("policy.yaml"));
        executor = directory.resolve("executor.yaml");
        Files.writeString(
                executor,
                Files.readString(ETC.resolve("executor.yaml"))
                        + "policy_file: %s%nstate_dir: %s%n".formatted(policy, directory));
    }

    @Test
    void printsTheWorstFirst() {
        deploySome();

        assertThat(run()).as(err.toString(UTF_8)).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("""
                ENVIRONMENT  VARIABLE           SECRET                                VERSION  NEWEST  VERSION AGE  AGE    STATE    NEXT
                production   DATABASE_PASSWORD  kv/shop/production#database_password  1        -       200 d        200 d  blocked  -
                staging      SMTP_PASSWORD      kv/shop/staging#smtp_password         2        -       5 d          100 d  overdue  -
                production   API_KEY            kv/shop/production#api_key            7        -       95 d         95 d   overdue  blocked at 180
                staging      DATABASE_PASSWORD  kv/shop/staging#database_password     3        -       0 d          0 d    fresh    notice at 75
                staging      LEASED             kv/shop/staging#leased                -        -       -            -      unknown  -
                """);
    }

    @Test
    void printsOneEnvironmentAlone() {
        deploySome();

        assertThat(run("--environment=production")).isZero();
        assertThat(out.toString(UTF_8)).contains("production").doesNotContain("staging");
    }

    @Test
    void printsJsonForPrograms() throws IOException {
        deploySome();

        assertThat(run("--json", "--environment", "staging")).isZero();
        assertThat(new JsonMapper().readTree(out.toString(UTF_8))).isEqualTo(new JsonMapper().readTree("""
                [{"environment": "staging", "project_id": 22, "variable": "SMTP_PASSWORD",
                  "secret": "kv/shop/staging#smtp_password", "version": 2, "version_created": "2026-11-19T12:00:00Z",
                  "value_since_version": 1, "value_since": "2026-08-16T12:00:00Z", "age_days": 100, "state": "overdue",
                  "deployed": "2026-11-24T12:00:00Z"},
                 {"environment": "staging", "project_id": 22, "variable": "DATABASE_PASSWORD",
                  "secret": "kv/shop/staging#database_password", "version": 3, "version_created": "2026-11-24T12:00:00Z",
                  "value_since_version": 3, "value_since": "2026-11-24T12:00:00Z", "age_days": 0, "state": "fresh",
                  "next_state": "notice", "next_days": 75, "deployed": "2026-11-24T12:00:00Z"},
                 {"environment": "staging", "project_id": 22, "variable": "LEASED", "secret": "kv/shop/staging#leased",
                  "state": "unknown", "deployed": "2026-11-24T12:00:00Z"}]
                """));
    }

    @ParameterizedTest
    @CsvSource({
        "staging,    notice,  1",
        "staging,    overdue, 1",
        "staging,    blocked, 0",
        "production, blocked, 1",
        "production, BLOCKED, 1",
    })
    void endsWithOneWhenASecretIsSoOld(String environment, String state, int code) {
        deploySome();

        assertThat(run("--environment=" + environment, "--fail-on=" + state)).isEqualTo(code);
        assertThat(out.toString(UTF_8)).as("the table is there either way").contains(environment);
    }

    @Test
    void printsNothingOfEnvironmentsThatThePolicyDoesNotHave() {
        deploy("given-up", Map.of("A", sighting("given-up", "a", 1, 500)));

        assertThat(run("--fail-on=notice")).isZero();
        assertThat(out.toString(UTF_8)).startsWith("ENVIRONMENT").hasLineCount(1);
    }

    @Test
    void aLedgerThatIsNotThereIsNotMade() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualTo("""
                Cannot tell the age of secrets. [LEDGER_FAILED]
                  on:   %s
                  saw:  there is no ledger
                  next: Correct `state_dir` in executor.yaml; or deploy first, which makes the ledger.
                """.formatted(Ledger.in(directory)));
        assertThat(Ledger.in(directory)).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            prodution | Did you mean "production"?
            qa        | Write one of production, staging.
            """)
    void refusesAnUnknownEnvironment(String name, String next) {
        deploySome();

        assertThat(run("--environment=" + name)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualTo("""
                Cannot tell the age of secrets. [USAGE]
                  on:   environment %s
                  saw:  the policy has no such environment
                  next: %s
                """.formatted(name, next));
        assertThat(out.size()).isZero();
    }

    @Test
    void refusesAnUnknownState() {
        assertThat(run("--fail-on=rotten")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("--fail-on");
    }

    /** In the example, production blocks at 180 days. */
    private void deploySome() {
        deploy(
                "staging",
                Map.of(
                        "DATABASE_PASSWORD", sighting("staging", "database_password", 3, 0),
                        "SMTP_PASSWORD", sighting("staging", "smtp_password", 2, 5),
                        "LEASED",
                                new SecretSighting(
                                        new SecretField("kv", "shop/staging", "leased"), "x", Optional.empty())));
        deploy(
                "production",
                Map.of(
                        "DATABASE_PASSWORD", sighting("production", "database_password", 1, 200),
                        "API_KEY", sighting("production", "api_key", 7, 95)));
        try (Ledger ledger = Ledger.open(Ledger.in(directory))) {
            ledger.see(List.of(sighting("staging", "smtp_password", 1, 100)), NOW);
        }
    }

    private void deploy(String environment, Map<String, SecretSighting> secrets) {
        TreeMap<EnvKey, SecretSighting> all = new TreeMap<>();
        secrets.forEach((variable, secret) -> all.put(new EnvKey(variable), secret));
        try (Ledger ledger = Ledger.open(Ledger.in(directory))) {
            ledger.see(all.values(), NOW);
            ledger.deployed(new EnvironmentName(environment), new ProjectId(22), "release", all, NOW);
        }
    }

    private static SecretSighting sighting(String environment, String key, long version, int daysAgo) {
        return new SecretSighting(
                new SecretField("kv", "shop/" + environment, key),
                "hash of " + key,
                Optional.of(new Version(version, NOW.minus(Duration.ofDays(daysAgo)))));
    }

    private int run(String... options) {
        List<String> arguments = new java.util.ArrayList<>(List.of("secrets", "--config=" + executor));
        arguments.addAll(List.of(options));
        return Cli.run(new Invocation(arguments, Map.of(), out, err, InstantSource.fixed(NOW), new Cancellation()));
    }
}
