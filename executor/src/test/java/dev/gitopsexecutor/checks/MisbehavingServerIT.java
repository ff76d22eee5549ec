package dev.gitopsexecutor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.Trust;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.testbed.Nginx;
import dev.gitopsexecutor.testbed.RealParts;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server in each of its bad moods, asked over TLS as a public URL is. */
@RealParts
class MisbehavingServerIT {
    private static final String COMMIT = "abcdef0123456789abcdef0123456789abcdef01";

    @TempDir
    private static Path directory;

    private static Nginx nginx;

    @BeforeAll
    static void start() throws Exception {
        Nginx.certificate(directory, "good", "localhost");
        Nginx.certificate(directory, "other", "shop.example.com");
        Files.writeString(directory.resolve("slow"), "{\"version\": \"abcdef0\"}" + " ".repeat(5000));
        Files.writeString(
                directory.resolve("huge"),
                "{\"padding\": \"%s\", \"version\": \"abcdef0\"}".formatted("x".repeat(2_000_000)));
        Files.writeString(directory.resolve("limited"), "{}");
        nginx = Nginx.start(directory, port -> """
                limit_req_zone $server_name zone=one:1m rate=1r/m;
                server {
                  listen 127.0.0.1:%1$d ssl; server_name localhost; ssl_certificate good.pem; ssl_certificate_key good.key;
                  root %2$s;
                  default_type application/json;
                  location = /good { return 200 '{"version": "abcdef0"}'; }
                  location = /plain { default_type text/plain; return 200 '{"version": "abcdef0"}'; }
                  location = /tag { return 200 '{"version": "v7"}'; }
                  location = /stale { return 200 '{"version": "1234567"}'; }
                  location = /nameless { return 200 '{"status": "ok"}'; }
                  location = /broken { return 200 '{"version": '; }
                  location = /page { default_type text/html; return 200 '<!doctype html><title>Welcome to nginx!</title>'; }
                  location = /login { return 302 https://sso.example.com/login?next=/health; }
                  location = /private { auth_basic "x"; auth_basic_user_file good.ext; }
                  location = /forbidden { deny all; }
                  location = /down { proxy_pass http://127.0.0.1:1; }
                  location = /slow { limit_rate 1; }
                  location = /huge { }
                  location = /limited { limit_req zone=one; limit_req_status 429; }
                  location = /closed { return 444; }
                }
                server {
                  listen 127.0.0.1:%1$d ssl; server_name other; ssl_certificate other.pem; ssl_certificate_key other.key;
                  return 200 '{"version": "abcdef0"}';
                }
                """.formatted(port, directory));
    }

    @AfterAll
    static void stop() {
        nginx.close();
    }

    /** By path: the check that the last result is of, and what it saw; most take some attempts, so all are asked at once. */
    @Test
    void eachMoodHasItsOutcome() throws Exception {
        Map<String, List<String>> moods = new LinkedHashMap<>();
        moods.put("/good", List.of("public version", "ok"));
        moods.put("/tag", List.of("public version", "ok"));
        moods.put("/plain", List.of("public version", "ok"));
        moods.put("/stale", List.of("public version", "the answer says \"1234567\""));
        moods.put("/nameless", List.of("public version", "the answer has nothing at /version"));
        moods.put("/broken", List.of("public version", "is not JSON"));
        moods.put("/page", List.of("public version", "the answer is HTML, not JSON: \"<!doctype html>"));
        moods.put(
                "/login",
                List.of(
                        "public health",
                        "status 302 to \"https://sso.example.com/login?next=/health\" (redirects are not followed"));
        moods.put("/private", List.of("public health", "status 401: checks have no credentials"));
        moods.put("/forbidden", List.of("public health", "status 403: checks have no credentials"));
        moods.put("/missing", List.of("public health", "status 404: nothing is at that path"));
        moods.put("/down", List.of("public health", "status 502"));
        moods.put("/closed", List.of("public health", "no answer:"));
        moods.put("/huge", List.of("public version", "longer than 64 KiB"));
        // Both wait for an answer until the request's or the check's own time is over.
        moods.put("/slow", List.of("public health", "no whole answer in"));
        moods.put("/limited", List.of("public health", "status 429"));
        Map<String, Future<CheckResult>> asked = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            moods.keySet()
                    .forEach(path -> asked.put(path, threads.submit(() -> ask(url(path), Optional.of("good-ca.pem")))));
        }
        SoftAssertions softly = new SoftAssertions();
        for (Map.Entry<String, List<String>> mood : moods.entrySet()) {
            CheckResult result =
                    Objects.requireNonNull(asked.get(mood.getKey())).get();
            softly.assertThat(result.check())
                    .as(result.toString())
                    .isEqualTo(mood.getValue().getFirst());
            softly.assertThat(result instanceof Failed failed ? failed.lastSeen() : "ok")
                    .as(mood.getKey())
                    .contains(mood.getValue().getLast());
        }
        softly.assertAll();
    }

    private static String url(String path) {
        return "https://localhost:%d%s".formatted(nginx.port(), path);
    }

    @Test
    void aCertificateThatCannotBeTrustedEndsTheCheckAtOnce() throws Exception {
        String url = "https://localhost:%d/good".formatted(nginx.port());

        assertThat(ask(url, Optional.empty())).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.lastSeen()).contains("certificate");
            assertThat(failed.attempts()).isEqualTo(1);
        });
        assertThat(ask(url, Optional.of("other-ca.pem")))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.attempts()).isEqualTo(1));
        assertThat(ask("https://127.0.0.1:%d/good".formatted(nginx.port()), Optional.of("good-ca.pem")))
                .as("the name")
                .isInstanceOfSatisfying(Failed.class, failed -> {
                    assertThat(failed.lastSeen()).contains("127.0.0.1");
                    assertThat(failed.attempts()).isEqualTo(1);
                });
    }

    @Test
    void plainTextToAPortOfTlsIsToldForWhatItIs() throws Exception {
        CheckResult result = ask("http://localhost:%d/good".formatted(nginx.port()), Optional.empty());

        assertThat(((Failed) result).lastSeen()).contains("status 400");
    }

    private static CheckResult ask(String url, Optional<String> caFile) throws Exception {
        Vantage from = new Vantage(
                "this machine",
                new DirectDialer(),
                caFile.isPresent() ? Optional.of(Trust.ofCaFile(directory.resolve(caFile.get()))) : Optional.empty());
        VersionPointer version = new VersionPointer("/version", "v7", new CommitSha(COMMIT), true);
        List<CheckResult> results = new HealthCheck(from, UnaryOperator.identity(), new Cancellation())
                .await(
                        new HealthCheck.Question("public health", URI.create(url), Optional.of(version), 3),
                        Deadline.after(InstantSource.system(), Duration.ofSeconds(7)),
                        Optional::empty,
                        _ -> {});
        return results.getLast();
    }
}
