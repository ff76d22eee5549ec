package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.policy.RuleBuilder;
import dev.gitopsexecutor.policy.SecretAgeRule;
import dev.gitopsexecutor.secrets.SecretHashKey;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretAgesTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String PASSWORD = "correct horse battery staple";
    private static final String NAME = "DATABASE_PASSWORD (kv/shop/production#database_password)";
    private static final SortedMap<EnvKey, SecretRef> WANTED = new TreeMap<>(
            Map.of(new EnvKey("DATABASE_PASSWORD"), SecretRef.parse("shop/production#database_password")));

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            75  | is 75 days old; overdue at 90: plan a new value
            83  | is 83 days old; overdue at 90: write a new value in Vault, then deploy
            90  | is 90 days old; overdue since 90, refused at 180: write a new value in Vault, then deploy
            180 | is 180 days old; refused since 180: write a new value in Vault, then deploy
            """)
    void printsALineForWhatIsNotFresh(int daysAgo, String said) {
        assertThat(see(PASSWORD, 1, daysAgo)).containsExactly(entry(NAME, Duration.ofDays(daysAgo)));

        assertThat(lines()).contains(NAME + " " + said, "0 of 1 are younger than 75 days");
    }

    @Test
    void saysNothingOfAFreshOne() {
        see(PASSWORD, 1, 74);

        assertThat(lines()).containsExactly("1 of 1 are younger than 75 days");
    }

    @Test
    void aValueThatWasWrittenAgainIsAsOldAsBefore() {
        see(PASSWORD, 1, 100);
        log.reset();

        assertThat(see(PASSWORD, 4, 0)).containsExactly(entry(NAME, Duration.ofDays(100)));
        assertThat(lines())
                .contains(
                        NAME + " is 100 days old, for its value is that of version 1; overdue since 90, refused at 180:"
                                + " write a new value in Vault, then deploy");
        assertThat(see("another value", 5, 0)).containsExactly(entry(NAME, Duration.ZERO));
        assertThat(see(PASSWORD, 6, 0)).as("it is back").containsExactly(entry(NAME, Duration.ofDays(100)));
    }

    @Test
    void aVersionOfTomorrowIsNotYoungerThanNew() {
        assertThat(see(PASSWORD, 1, -1)).containsExactly(entry(NAME, Duration.ZERO));
    }

    @Test
    void beginsAgainWithoutItsKeyAndSaysSo() throws Exception {
        see(PASSWORD, 1, 100);
        assertThat(lines()).noneMatch(line -> line.contains("was lost"));
        Path key = SecretHashKey.in(directory);
        byte[] old = Files.readAllBytes(key);
        Files.delete(key);

        assertThat(see(PASSWORD, 2, 10)).containsExactly(entry(NAME, Duration.ofDays(10)));
        assertThat(lines())
                .contains(key
                        + " was lost and is made anew: no value is known any more, so each is as old as its version."
                        + " With the old file put back, they are as old as they were.");
        Files.write(key, old);
        assertThat(see(PASSWORD, 2, 10)).containsExactly(entry(NAME, Duration.ofDays(100)));
    }

    @Test
    void whatHasNoVersionHasNoAge() {
        var seen = ages().see(WANTED, secrets(PASSWORD, List.of()), NOW);

        assertThat(seen.ages()).isEmpty();
        assertThat(seen.sightings()).hasSize(1);
        assertThat(lines()).contains(NAME + " has no version, so nobody can tell its age");
    }

    @Test
    void isAsOldAsTheVersionThatIsNamed() {
        List<SecretVersion> read = List.of(
                new SecretVersion("shop/production", 2, NOW.minus(Duration.ofDays(10))),
                new SecretVersion("shop/production", 1, NOW.minus(Duration.ofDays(50))),
                new SecretVersion("shop/registry", 9, NOW.minus(Duration.ofDays(70))));

        assertThat(ages().see(WANTED, secrets(PASSWORD, read), NOW).ages()).containsValue(Duration.ofDays(10));
        SortedMap<EnvKey, SecretRef> pinned = new TreeMap<>();
        WANTED.forEach((key, ref) -> pinned.put(key, SecretRef.parse(ref.path() + "@1#" + ref.key())));
        assertThat(ages().see(pinned, secrets("another value", read), NOW).ages())
                .containsValue(Duration.ofDays(50));
    }

    @Test
    void tellsTwoVersionsOfOneFieldApart() {
        SortedMap<EnvKey, SecretRef> both = new TreeMap<>();
        both.put(new EnvKey("A"), SecretRef.parse("shop/production@1#database_password"));
        both.put(new EnvKey("Z"), SecretRef.parse("shop/production#database_password"));
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        values.put(new EnvKey("A"), SecretValue.of("the old value"));
        values.put(new EnvKey("Z"), SecretValue.of("the new value"));
        List<SecretVersion> read = List.of(
                new SecretVersion("shop/production", 1, NOW.minus(Duration.ofDays(400))),
                new SecretVersion("shop/production", 2, NOW));

        assertThat(ages().see(both, new DeploySecrets(values, read, Optional.empty()), NOW)
                        .ages())
                .containsExactly(
                        entry("A (kv/shop/production#database_password)", Duration.ofDays(400)),
                        entry("Z (kv/shop/production#database_password)", Duration.ZERO));
    }

    @Test
    void keepsNoValueAnywhere() throws Exception {
        see(PASSWORD, 1, 100);

        assertThat(log.toString(UTF_8)).doesNotContain(PASSWORD);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.toList())
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                            .doesNotContain(PASSWORD));
        }
    }

    @Test
    void looksAtNothingWhereThereAreNoSecrets() {
        var seen = ages().see(new TreeMap<>(), secrets(PASSWORD, List.of()), NOW);

        assertThat(seen.sightings()).isEmpty();
        assertThat(directory).isEmptyDirectory();
        assertThat(log.size()).isZero();
    }

    private SortedMap<String, Duration> see(String value, long version, int daysAgo) {
        var read = new SecretVersion("shop/production", version, NOW.minus(Duration.ofDays(daysAgo)));
        return ages().see(WANTED, secrets(value, List.of(read)), NOW).ages();
    }

    private static DeploySecrets secrets(String value, List<SecretVersion> versions) {
        return new DeploySecrets(
                new TreeMap<>(Map.of(new EnvKey("DATABASE_PASSWORD"), SecretValue.of(value))),
                versions,
                Optional.empty());
    }

    private SecretAges ages() {
        SecretAgeRule defaults = SecretAgeRule.DEFAULT;
        var rule = new SecretAgeRule(
                defaults.notice(), defaults.warn(), defaults.overdue(), Optional.of(Duration.ofDays(180)));
        return new SecretAges(
                directory,
                new RuleBuilder("production").secretAge(rule).build(),
                new JobLog(log, InstantSource.fixed(NOW)));
    }

    /** Without colours, sections and blanks around them. */
    private List<String> lines() {
        return log.toString(UTF_8)
                .lines()
                .filter(line -> !line.startsWith("section_") && !line.startsWith("\u001b[0K"))
                .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "").strip())
                .toList();
    }
}
