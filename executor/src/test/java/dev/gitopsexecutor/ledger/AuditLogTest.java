package dev.gitopsexecutor.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditLogTest {
    @TempDir
    private Path directory;

    private Path file;
    private AuditLog log;

    @BeforeEach
    void make() {
        file = AuditLog.in(directory.resolve("state"));
        log = new AuditLog(file);
    }

    @Test
    void writesOneLineForEachDecision() throws IOException {
        log.append(entry("allowed"));
        log.append(entry("denied", "ref", "ref_protected"));

        assertThat(Files.readAllLines(file)).first().isEqualTo("""
                        {"seq":1,"time":"2026-11-24T04:00:00Z","actor":{"user_id":"42","user_login":"dev1"},"act":"deploy",\
                        "object":{"environment":"production","job":"102"},"result":"allowed","reasons":[],"details":[],\
                        "policy":"%s","config":"%s","prev":"%s"}""".formatted(
                        "a".repeat(64), "b".repeat(64), "0".repeat(64)));
        assertThat(Files.readAllLines(file).getLast())
                .contains("\"seq\":2,", "\"result\":\"denied\",\"reasons\":[\"ref\",\"ref_protected\"]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(log.verify().entries()).isEqualTo(2);
        assertThat(log.verify().fault()).isEmpty();
    }

    @Test
    void nothingYetIsWhole() {
        assertThat(log.verify()).isEqualTo(new AuditLog.Chain(0, "0".repeat(64), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            change  | 2 | it does not follow the line before: one of the two was changed
            remove  | 1 | it has number 3, not 2
            swap    | 1 | it has number 3, not 2
            halve   | 1 | it is not whole
            add     | 4 | it is not whole
            empty   | 1 | it has number 0, not 2
            """)
    void findsTheFirstLineThatIsWrong(String damage, int whole, String fault) throws IOException {
        for (int i = 0; i < 4; i++) {
            log.append(entry("denied", "reason-" + i));
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        switch (damage) {
            case "change" -> lines.set(1, lines.get(1).replace("denied", "allowed"));
            case "remove" -> lines.remove(1);
            case "swap" -> lines.add(1, lines.remove(2));
            case "empty" -> lines.set(1, "");
            case "halve" -> lines.set(1, lines.get(1).substring(0, 50));
            default -> lines.add("something else");
        }
        Files.write(file, lines);

        assertThat(log.verify().entries()).isEqualTo(whole);
        assertThat(log.verify().fault()).contains(fault);
    }

    @Test
    void anEndThatIsCutOffShowsInNumberAndHash() throws IOException {
        log.append(entry("allowed"));
        AuditLog.Chain noted = log.verify();
        log.append(entry("denied", "ref"));
        AuditLog.Chain later = log.verify();
        List<String> lines = Files.readAllLines(file);
        Files.write(file, lines.subList(0, 1));

        assertThat(log.verify()).isEqualTo(noted).isNotEqualTo(later);
    }

    @Test
    void whatACrashLeftOfALineIsNoPartOfTheLog() throws IOException {
        log.append(entry("allowed"));
        AuditLog.Chain whole = log.verify();
        Files.writeString(file, "{\"seq\":2,\"ti", StandardOpenOption.APPEND);

        assertThat(log.verify()).isEqualTo(whole);
    }

    /** An author may give a job any number of reasons to be denied for. */
    @Test
    void tellsNoMoreThanFits() throws IOException {
        String[] reasons = new String[50_000];
        for (int i = 0; i < reasons.length; i++) {
            reasons[i] = "release_image" + i + "x".repeat(1000);
        }
        log.append(entry("denied", reasons));
        log.append(entry("denied", "same", "same", "same"));

        List<String> lines = Files.readAllLines(file);
        assertThat(lines.getFirst()).hasSizeLessThan(30_000).contains("\"and 49980 more\"");
        assertThat(lines.getLast()).contains("\"reasons\":[\"same\"]");
        assertThat(log.verify().entries()).isEqualTo(2);
    }

    @Test
    void refusesToGoOnAfterALineWithoutEnd() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x".repeat(1 << 20));

        assertThatThrownBy(() -> log.append(entry("allowed")))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.failure().saw()).contains("the last line has no end"));
        assertThat(file).hasSize(1 << 20);
    }

    @Test
    void keepsWhatACrashLeftOfALineInTheNextOne() throws IOException {
        log.append(entry("allowed"));
        Files.writeString(file, "{\"seq\":2,\"ti", StandardOpenOption.APPEND);

        log.append(entry("denied", "ref"));

        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .last()
                .asString()
                .contains("\"seq\":2,", "\"torn\":\"{\\\"seq\\\":2,\\\"ti\"");
        assertThat(log.verify().fault()).isEmpty();
    }

    @Test
    void keepsWhatACrashLeftOfTheFirstLine() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"se");

        log.append(entry("allowed"));

        assertThat(Files.readAllLines(file)).singleElement().asString().contains("\"seq\":1,", "\"torn\":\"{\\\"se\"");
        assertThat(log.verify().fault()).isEmpty();
    }

    @Test
    void writesInTurn() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 64; i++) {
                int number = i;
                threads.execute(() -> new AuditLog(file).append(entry("denied", "reason-" + number)));
            }
        }

        assertThat(log.verify().entries()).isEqualTo(64);
        assertThat(log.verify().fault()).isEmpty();
    }

    @Test
    void refusesToGoOnWithoutAFile() throws IOException {
        Files.createDirectories(file);

        assertThatThrownBy(() -> log.append(entry("allowed")))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.AUDIT_FAILED));
        assertThat(log.verify().fault()).isPresent();
    }

    @Test
    void refusesToGoOnAfterALineThatIsDamaged() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "something else\n");

        assertThatThrownBy(() -> log.append(entry("allowed")))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.AUDIT_FAILED);
                    assertThat(failed.failure().saw()).contains("the last line is damaged");
                });
        assertThat(Files.readString(file)).isEqualTo("something else\n");
    }

    /** A device that is always full. */
    @Test
    void leavesNoHalfLineOnAFullDisk() {
        AuditLog full = new AuditLog(Path.of("/dev/full"));

        assertThatThrownBy(() -> full.append(entry("allowed")))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.AUDIT_FAILED));
    }

    private static AuditEntry entry(String result, String... reasons) {
        return new AuditEntry(
                Instant.parse("2026-11-24T04:00:00Z"),
                Map.of("user_login", "dev1", "user_id", "42"),
                "deploy",
                Map.of("job", "102", "environment", "production"),
                result,
                List.of(reasons),
                List.of(),
                "a".repeat(64),
                "b".repeat(64));
    }
}
