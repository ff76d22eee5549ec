package dev.gitopsexecutor.ledger;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.ledger.SecretSighting.Version;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectId;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the ledger knows of secrets: since when a value has been the same, and which of them are deployed. */
class SecretLedgerTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final SecretField PASSWORD = new SecretField("kv", "shop/staging", "database_password");
    private static final EnvironmentName STAGING = new EnvironmentName("staging");
    private static final EnvironmentName PRODUCTION = new EnvironmentName("production");
    private static final ProjectId SHOP = new ProjectId(22);
    private static final EnvKey DATABASE_PASSWORD = new EnvKey("DATABASE_PASSWORD");

    @TempDir
    Path directory;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = Ledger.open(directory.resolve("ledger.db"));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void anUnknownValueIsAsOldAsItsVersion() {
        assertThat(ledger.hasSeenSecrets()).isFalse();
        assertThat(see("a", 7, 200)).isEqualTo(version(7, 200));
        assertThat(ledger.hasSeenSecrets()).isTrue();
    }

    @Test
    void aRewriteWithTheSameValueIsNoRotation() {
        see("a", 1, 100);

        assertThat(see("a", 2, 10)).isEqualTo(version(1, 100));
        assertThat(see("a", 3, 0)).isEqualTo(version(1, 100));
    }

    @Test
    void anotherValueIsARotation() {
        see("a", 1, 100);

        assertThat(see("b", 2, 10)).isEqualTo(version(2, 10));
    }

    @Test
    void aValueThatComesBackIsAsOldAsItsFirstSight() {
        see("a", 1, 100);
        see("b", 2, 50);

        assertThat(see("a", 3, 1)).isEqualTo(version(1, 100));
        assertThat(see("b", 2, 50)).isEqualTo(version(2, 50));
    }

    /** It may have been seen in a later version before, and its oldest is read again. */
    @Test
    void theOldestVersionCountsInWhateverOrderTheyAreSeen() {
        see("a", 5, 10);

        assertThat(see("a", 2, 100)).isEqualTo(version(2, 100));
        assertThat(see("a", 5, 10)).isEqualTo(version(2, 100));
    }

    /** Text of times with and without a fraction sorts in another order than the times. */
    @Test
    void comparesTimesAsTimes() {
        Version whole = new Version(2, Instant.parse("2026-01-01T00:00:00Z"));
        Version fraction = new Version(3, Instant.parse("2026-01-01T00:00:00.5Z"));
        ledger.see(List.of(new SecretSighting(PASSWORD, "a", Optional.of(whole))), NOW);

        assertThat(ledger.see(List.of(new SecretSighting(PASSWORD, "a", Optional.of(fraction))), NOW))
                .containsValue(whole);
    }

    @Test
    void sameHashesOfDifferentFieldsAreApart() {
        see("a", 1, 100);
        for (SecretField other : List.of(
                new SecretField("kv2", "shop/staging", "database_password"),
                new SecretField("kv", "shop/production", "database_password"),
                new SecretField("kv", "shop/staging", "smtp_password"))) {
            SecretSighting sighting = new SecretSighting(other, "a", Optional.of(version(1, 3)));
            assertThat(ledger.see(List.of(sighting), NOW)).containsExactly(Map.entry(sighting, version(1, 3)));
        }
    }

    @Test
    void oneFieldInTwoVersionsHasTheAgeOfEach() {
        SecretSighting old = sighting("a", 1, 400);
        SecretSighting fresh = sighting("b", 2, 1);

        assertThat(ledger.see(List.of(old, fresh), NOW))
                .containsOnly(Map.entry(old, version(1, 400)), Map.entry(fresh, version(2, 1)));
    }

    @Test
    void aValueWithoutAVersionHasNoAge() {
        assertThat(ledger.see(List.of(new SecretSighting(PASSWORD, "a", Optional.empty())), NOW))
                .isEmpty();
        assertThat(ledger.hasSeenSecrets()).isFalse();
    }

    @Test
    void isNeverYoungerThanNothing() {
        assertThat(new Version(1, NOW.plusSeconds(60)).ageAt(NOW)).isZero();
        assertThat(new Version(1, NOW).ageAt(NOW)).isZero();
        assertThat(new Version(1, NOW.minusSeconds(1)).ageAt(NOW)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void knowsWhatIsDeployedAndSinceWhenItsValueHasBeenTheSame() {
        see("a", 1, 100);
        SecretSighting rewritten = sighting("a", 2, 10);
        ledger.see(List.of(rewritten), NOW);
        ledger.deployed(STAGING, SHOP, "release", secrets(rewritten), NOW);

        assertThat(ledger.deployedSecrets())
                .containsExactly(new DeployedSecret(
                        STAGING, SHOP, DATABASE_PASSWORD, rewritten, Optional.of(version(1, 100)), NOW));
    }

    @Test
    void aDeploymentReplacesAllThatTheEnvironmentHadOfTheProject() {
        SecretSighting old = sighting("a", 1, 100);
        SecretSighting dynamic = new SecretSighting(PASSWORD, "c", Optional.empty());
        var two = secrets(old);
        two.put(new EnvKey("SMTP_PASSWORD"), old);
        ledger.deployed(STAGING, SHOP, "release", two, NOW);
        ledger.deployed(STAGING, new ProjectId(23), "release", secrets(old), NOW);
        ledger.deployed(PRODUCTION, SHOP, "release", secrets(old), NOW);

        ledger.deployed(STAGING, SHOP, "release", secrets(dynamic), NOW.plusSeconds(1));

        assertThat(ledger.deployedSecrets())
                .containsExactly(
                        new DeployedSecret(PRODUCTION, SHOP, DATABASE_PASSWORD, old, Optional.empty(), NOW),
                        new DeployedSecret(
                                STAGING, SHOP, DATABASE_PASSWORD, dynamic, Optional.empty(), NOW.plusSeconds(1)));
    }

    @Test
    void knowsWhatEachReleaseHadAndWhetherItIsRotated() {
        SecretSighting old = sighting("a", 1, 100);
        SecretSighting fresh = sighting("b", 3, 1);
        ledger.see(List.of(old), NOW);
        ledger.see(List.of(sighting("a", 2, 50)), NOW);
        ledger.deployed(STAGING, SHOP, "first", secrets(old), NOW);
        assertThat(ledger.isRotated(old)).as("rewritten with the same value").isFalse();
        ledger.see(List.of(fresh), NOW);
        ledger.deployed(STAGING, SHOP, "second", secrets(fresh), NOW.plusSeconds(1));

        assertThat(ledger.secretsOf(STAGING, SHOP, "first")).isEqualTo(secrets(old));
        assertThat(ledger.secretsOf(STAGING, SHOP, "second")).isEqualTo(secrets(fresh));
        assertThat(ledger.secretsOf(PRODUCTION, SHOP, "first")).isEmpty();
        assertThat(ledger.isRotated(old)).isTrue();
        assertThat(ledger.isRotated(fresh)).isFalse();

        for (int number = 0; number < 60; number++) {
            ledger.deployed(STAGING, SHOP, "later " + number, secrets(fresh), NOW.plusSeconds(2 + number));
        }
        assertThat(ledger.secretsOf(STAGING, SHOP, "second"))
                .as("no host has it any more")
                .isEmpty();
        assertThat(ledger.secretsOf(STAGING, SHOP, "later 10")).isNotEmpty();
    }

    @Test
    void severalProcessesSeeAtOnce() throws Exception {
        List<Callable<Map<SecretSighting, Version>>> all = IntStream.rangeClosed(1, 8)
                .<Callable<Map<SecretSighting, Version>>>mapToObj(number -> () -> {
                    try (Ledger other = Ledger.open(directory.resolve("ledger.db"))) {
                        return other.see(List.of(sighting("a", number, 100 - number)), NOW);
                    }
                })
                .toList();
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Future<Map<SecretSighting, Version>>> done = new ArrayList<>(threads.invokeAll(all));
            for (Future<Map<SecretSighting, Version>> one : done) {
                assertThat(one.get()).hasSize(1);
            }
        }
        assertThat(see("a", 9, 0)).isEqualTo(version(1, 99));
    }

    @Test
    void whatCannotBeRecordedIsNotRecordedByHalves() throws Exception {
        ledger.deployed(STAGING, SHOP, "release", secrets(sighting("a", 1, 100)), NOW);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("ledger.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TRIGGER full BEFORE INSERT ON deployed_secret BEGIN"
                    + " SELECT RAISE(ABORT, 'database or disk is full'); END");
        }

        assertThatThrownBy(() -> ledger.deployed(STAGING, SHOP, "release", secrets(sighting("b", 2, 1)), NOW))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.failure().block())
                                .contains("Cannot record the deployed secrets. [LEDGER_FAILED]", "disk is full"));
        assertThat(ledger.deployedSecrets())
                .singleElement()
                .satisfies(secret -> assertThat(secret.secret().hash()).isEqualTo("a"));
    }

    private Version see(String hash, long number, int daysAgo) {
        SecretSighting sighting = sighting(hash, number, daysAgo);
        return requireNonNull(ledger.see(List.of(sighting), NOW).get(sighting));
    }

    private static SortedMap<EnvKey, SecretSighting> secrets(SecretSighting sighting) {
        return new TreeMap<>(Map.of(DATABASE_PASSWORD, sighting));
    }

    private static SecretSighting sighting(String hash, long number, int daysAgo) {
        return new SecretSighting(PASSWORD, hash, Optional.of(version(number, daysAgo)));
    }

    private static Version version(long number, int daysAgo) {
        return new Version(number, NOW.minus(Duration.ofDays(daysAgo)));
    }
}
