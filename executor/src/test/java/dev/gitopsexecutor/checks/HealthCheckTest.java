package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class HealthCheckTest {
    private static final Vantage HERE = new Vantage("web-1", new DirectDialer(), Optional.empty());

    private final Cancellation cancellation = new Cancellation();
    private final Masker masker = new Masker();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void passesAfterThreeGoodAnswersInRow() throws InterruptedException {
        serve(503, 200, 200, 503, 200, 200, 200);
        assertThat(check(10))
                .singleElement()
                .isInstanceOfSatisfying(
                        Passed.class, passed -> assertThat(passed.attempts()).isEqualTo(7));
    }

    @Test
    void sendsAuthorityOfTheUrlAndReadsChunkedVersion() throws InterruptedException {
        server.createContext("/health", exchange -> {
            String host = exchange.getRequestHeaders().getFirst("Host");
            byte[] body =
                    ("{\"version\":\"" + host + "?" + exchange.getRequestURI().getQuery() + "\"}").getBytes(UTF_8);
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(body, 0, 10);
            exchange.getResponseBody().flush();
            exchange.getResponseBody().write(body, 10, body.length - 10);
            exchange.close();
        });
        String authority = "127.0.0.1:" + server.getAddress().getPort();
        List<CheckResult> results = check(10, "/health?full=1", Optional.of(authority + "?full=1"));
        assertThat(results).extracting(CheckResult::check).containsExactly("health", "version");
        assertThat(results).allSatisfy(result -> assertThat(result).isInstanceOf(Passed.class));
    }

    @Test
    void failsAtTheDeadlineWithWhatWasSeenLast() throws InterruptedException {
        serve(503);
        Failed failed = failed(check(1));
        assertThat(failed.lastSeen()).isEqualTo("status 503");
        assertThat(failed.describe())
                .startsWith(
                        "health: status 503\nwanted: status 2xx three times in a row\nasked:  web-1, GET http://127.0.0.1:");
    }

    @Test
    void failsEarlyOnAnswersThatNoWaitingCures() throws InterruptedException {
        serve(404);
        Failed failed = failed(check(60));
        assertThat(failed.lastSeen()).isEqualTo("status 404: nothing is at that path, correct the URL");
        assertThat(failed.attempts()).isEqualTo(5);
    }

    @Test
    void followsNoRedirectButSaysWhereItLeads() throws Exception {
        masker.add("token-in-a-redirect");
        try (RawServer redirecting = RawServer.saying("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: "
                + "https://elsewhere.example/?t=token-in-a-redirect\u001b[31m&" + "x".repeat(500) + "\r\n\r\n")) {
            Failed failed = failed(await(redirecting.url("/"), 60, Optional.empty(), Optional.empty()));
            assertThat(failed.lastSeen())
                    .startsWith("status 301 to \"https://elsewhere.example/?t=[MASKED]&xxx")
                    .endsWith("xxx…\" (redirects are not followed: check where it leads)")
                    .hasSizeLessThan(220);
            assertThat(failed.attempts()).isEqualTo(5);
        }
    }

    @Test
    void failsOnWrongVersion() throws InterruptedException {
        server.createContext("/health", exchange -> answer(exchange, 200, "{\"version\":\"v6\"}"));
        Failed failed = failed(check(60, "/health", Optional.of("v7")));
        assertThat(failed.check()).isEqualTo("version");
        assertThat(failed.wanted()).isEqualTo("version \"v7\" or commit aaaaaaaa at /version");
        assertThat(failed.lastSeen()).isEqualTo("the answer says \"v6\"");
    }

    @Test
    void boundsTheBodyThatItReads() throws InterruptedException {
        server.createContext("/health", exchange -> answer(exchange, 200, "x".repeat(1_000_000)));
        assertThat(check(10)).singleElement().isInstanceOf(Passed.class);
    }

    @Test
    void givesUpOnAnswerThatNeverEnds() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
            Failed failed = failed(await(url, 1, Optional.empty(), Optional.empty()));
            assertThat(failed.lastSeen()).matches("no answer: no whole answer in [01](\\.\\d)? s");
        }
    }

    @Test
    void refusesAnswerThatIsNotHttp() throws Exception {
        FutureTask<Integer> greeting;
        try (ServerSocket odd = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            greeting = new FutureTask<>(() -> greet(odd));
            Thread.ofVirtual().start(greeting);
            URI url = URI.create("http://127.0.0.1:" + odd.getLocalPort() + "/");
            assertThat(failed(await(url, 1, Optional.empty(), Optional.empty())).lastSeen())
                    .isEqualTo("no answer: what answers there does not speak HTTP/1.1");
        }
        assertThat(greeting.get()).as("connections that were greeted").isPositive();
    }

    @Test
    void showsNoPieceOfASecretThatTheCutOfALongAnswerWouldHalve() throws InterruptedException {
        String secret = "long-secret/" + "0123456789".repeat(20);
        masker.add(secret);
        String base64 = Base64.getEncoder().encodeToString(secret.getBytes(UTF_8));
        server.createContext(
                "/health",
                exchange -> answer(exchange, 200, "{\"db\":\"%s\",\"key\":\"%s\"}".formatted(secret, base64)));

        assertThat(failed(check(10, "/health", Optional.of("v7"))).lastSeen())
                .isEqualTo("the answer has nothing at /version: \"{\"db\":\"[MASKED]\",\"key\":\"[MASKED]\"}\"");
    }

    @Test
    void endsWithWhatIsFatal() throws InterruptedException {
        serve(503);
        Failed crash = new Failed("containers", "web-1", "running", "exited", 1, Duration.ZERO);
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/health");
        assertThat(await(url, 60, Optional.empty(), Optional.of(crash))).containsExactly(crash);
    }

    @Test
    void endsWhenTheJobIsCanceled() throws InterruptedException {
        serve(503);
        cancellation.request();
        assertThat(failed(check(60)).attempts()).isEqualTo(1);
    }

    @Test
    void endsWhenTheJobIsCanceledDuringPauseOrAnswer() throws Exception {
        try (RawServer silent = new RawServer((socket, _) -> {
            cancellation.request();
            RawServer.hold(socket);
        })) {
            assertThat(failed(await(silent.url("/"), 3600, Optional.empty(), Optional.empty()))
                            .lastSeen())
                    .isEqualTo("canceled");
        }
    }

    @Test
    void tellsTheLastAnswerAndNotWhatTheDeadlineCutOff() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (RawServer stuck = new RawServer((socket, _) -> {
            if (connections.incrementAndGet() == 1) {
                RawServer.write(socket, bad(503));
            }
            RawServer.hold(socket);
        })) {
            Failed failed = failed(await(stuck.url("/"), 2, Optional.empty(), Optional.empty()));
            assertThat(failed.lastSeen()).isEqualTo("status 503");
            assertThat(failed.seen().getLast().what()).startsWith("no answer: no whole answer in ");
        }
    }

    @Test
    void retriesWhatAStartingServiceDoes() throws Exception {
        String good = RawServer.answer(200, "text/plain", "ok");
        try (RawServer starting =
                RawServer.saying("", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\no", bad(502), bad(500), good)) {
            assertThat(await(starting.url("/"), 60, Optional.empty(), Optional.empty()))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Passed.class,
                            passed -> assertThat(passed.attempts()).isEqualTo(7));
        }
    }

    @Test
    void tellsTheWholeStoryOfAFailure() throws Exception {
        try (RawServer starting = RawServer.saying("", bad(502), bad(503), bad(503), bad(401))) {
            Failed failed = failed(await(starting.url("/health"), 60, Optional.empty(), Optional.empty()));
            assertThat(failed.seen())
                    .extracting(Sighting::what, Sighting::times)
                    .containsExactly(
                            tuple("no answer: the connection was closed without an answer", 1),
                            tuple("status 502", 1),
                            tuple("status 503", 2),
                            tuple("status 401", 5));
            assertThat(failed.describe()).matches("""
                            health: status 401: checks have no credentials, give a URL that wants none
                            wanted: status 2xx three times in a row
                            asked:  web-1, GET http://127.0.0.1:\\d+/health, 9 times in [0-9.]+ s
                            seen:   no answer: the connection was closed without an answer \\([0-9.]+ s\\)
                                    status 502 \\(.* s\\)
                                    status 503 \\(.* s, 2 times\\)
                                    status 401 \\(.*–.* s, 5 times\\)""");
        }
    }

    @Test
    void onlyWarnsOfMissingVersionThatIsNotRequired() throws InterruptedException {
        server.createContext("/health", exchange -> answer(exchange, 200, "{\"status\":\"ok\"}"));
        var version = new VersionPointer("/version", "v7", new CommitSha("a".repeat(40)), false);
        List<CheckResult> results = await("public health", version, 2);
        assertThat(results).extracting(CheckResult::check).containsExactly("public health", "public version");
        assertThat(results.getFirst())
                .isInstanceOfSatisfying(
                        Passed.class, passed -> assertThat(passed.saw()).isEqualTo("2xx twice in a row"));
        assertThat(results.getLast())
                .isInstanceOfSatisfying(
                        Warned.class,
                        warned -> assertThat(warned.failed().lastSeen())
                                .isEqualTo("the answer has nothing at /version: \"{\"status\":\"ok\"}\""));
    }

    @Test
    void failsOnWrongVersionThatIsNotRequired() throws InterruptedException {
        server.createContext("/health", exchange -> answer(exchange, 200, "{\"version\":\"v6\"}"));
        var version = new VersionPointer("/version", "v7", new CommitSha("a".repeat(40)), false);
        assertThat(failed(await("public health", version, 1)).check()).isEqualTo("public version");
    }

    @Test
    void saysThatAVersionCannotBeReadFromALongAnswer() throws InterruptedException {
        server.createContext("/health", exchange -> answer(exchange, 200, "{\"x\":\"" + "x".repeat(70_000) + "\"}"));
        assertThat(failed(check(60, "/health", Optional.of("v7"))).lastSeen())
                .isEqualTo("the answer is longer than 64 KiB");
    }

    private List<CheckResult> await(String check, VersionPointer version, int successes) throws InterruptedException {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/health");
        return new HealthCheck(HERE, masker::mask, cancellation)
                .await(
                        new HealthCheck.Question(check, url, Optional.of(version), successes),
                        Deadline.after(InstantSource.system(), Duration.ofSeconds(60)),
                        Optional::empty,
                        _ -> {});
    }

    private static String bad(int status) {
        return RawServer.answer(status, "text/plain", "no");
    }

    private void serve(int... statuses) {
        server.createContext("/health", exchange -> {
            int index = Math.min(requests.getAndIncrement(), statuses.length - 1);
            answer(exchange, statuses[index], "{}");
        });
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Greets whoever connects until {@code odd} is closed, and counts them. */
    private static int greet(ServerSocket odd) throws IOException {
        int greeted = 0;
        while (true) {
            Socket accepted;
            try {
                accepted = odd.accept();
            } catch (SocketException closed) {
                return greeted;
            }
            try (accepted) {
                accepted.getOutputStream().write("SSH-2.0-odd\r\n".getBytes(UTF_8));
                greeted++;
            }
        }
    }

    private List<CheckResult> check(int seconds) throws InterruptedException {
        return check(seconds, "/health", Optional.empty());
    }

    private List<CheckResult> check(int seconds, String path, Optional<String> tag) throws InterruptedException {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
        return await(url, seconds, tag, Optional.empty());
    }

    private List<CheckResult> await(URI url, int seconds, Optional<String> tag, Optional<Failed> fatal)
            throws InterruptedException {
        var version = tag.map(text -> new VersionPointer("/version", text, new CommitSha("a".repeat(40)), true));
        return new HealthCheck(HERE, masker::mask, cancellation)
                .await(
                        new HealthCheck.Question("health", url, version, 3),
                        Deadline.after(InstantSource.system(), Duration.ofSeconds(seconds)),
                        () -> fatal,
                        _ -> {});
    }

    private static Failed failed(List<CheckResult> results) {
        assertThat(results).hasSize(1);
        return (Failed) results.getFirst();
    }
}
