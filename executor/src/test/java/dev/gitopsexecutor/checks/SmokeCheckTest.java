package dev.gitopsexecutor.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class SmokeCheckTest {
    private static final String TOKEN = "token-of-the-shop";
    private static final String JSON = RawServer.answer(
            200, "application/json", "{\"db\":{\"up\":true,\"lag\":1.50},\"name\":\"shop\",\"none\":null}");

    private final Masker masker = new Masker();
    private final Cancellation cancellation = new Cancellation();
    private final TreeMap<String, String> headers = new TreeMap<>();
    private final TreeMap<String, String> json = new TreeMap<>();
    private final TreeSet<Integer> status = new TreeSet<>();
    private String path = "/orders?limit=1";
    private String method = "GET";
    private Optional<String> body = Optional.empty();
    private Optional<String> matches = Optional.empty();
    private Optional<Duration> latency = Optional.empty();
    private boolean mutating;
    private boolean blocking = true;
    private Duration timeout = Duration.ofSeconds(30);

    @Test
    void sendsWhatTheSpecSaysWithItsNamesFilledIn() throws Exception {
        method = "POST";
        mutating = true;
        headers.put("X-Key", "Bearer {KEY}");
        headers.put("user-agent", "smoke");
        body = Optional.of("{\"key\":\"{KEY}\",\"\u00e4\":1}");
        status.addAll(List.of(201, 202));
        try (RawServer server = RawServer.saying(RawServer.answer(202, "text/plain", ""))) {
            assertThat(run(server)).isInstanceOfSatisfying(Passed.class, passed -> {
                assertThat(passed.check()).isEqualTo("smoke orders");
                assertThat(passed.from()).isEqualTo("web-1");
                assertThat(passed.saw()).matches("status 202 in \\d+ ms");
                assertThat(passed.attempts()).isEqualTo(1);
            });
            assertThat(server.requests())
                    .containsExactly("""
                            POST /orders?limit=1 HTTP/1.1
                            Host: 127.0.0.1:%d
                            Accept: */*
                            Accept-Encoding: identity
                            Content-Length: 34
                            User-Agent: smoke
                            X-Key: Bearer %s
                            Connection: close

                            """.formatted(server.port(), TOKEN).replace("\n", "\r\n")
                            + "{\"key\":\"" + TOKEN + "\",\"\u00c3\u00a4\":1}");
        }
    }

    @Test
    void sendsLengthOfEmptyBody() throws Exception {
        method = "POST";
        mutating = true;
        try (RawServer server = RawServer.saying(RawServer.answer(200, "text/plain", ""))) {
            assertThat(run(server)).isInstanceOf(Passed.class);
            assertThat(server.requests()).singleElement().asString().contains("\r\nContent-Length: 0\r\n");
        }
    }

    @Test
    void findsEveryValueAndThePattern() throws Exception {
        json.put("/db/up", "true");
        json.put("/db/lag", "1.50");
        json.put("/name", "shop");
        matches = Optional.of("\"name\" *: *\"sh");
        try (RawServer server = RawServer.saying(JSON)) {
            assertThat(run(server)).isInstanceOf(Passed.class);
        }
    }

    @Test
    void saysEverythingThatIsWrongAndWanted() throws Exception {
        json.put("/db/up", "false");
        json.put("/none", "x");
        json.put("/db", "up");
        matches = Optional.of("orders");
        latency = Optional.of(Duration.ZERO);
        try (RawServer server = new RawServer((socket, _) -> {
            try {
                Thread.sleep(5);
            } catch (InterruptedException never) {
                throw new IOException(never);
            }
            RawServer.write(socket, JSON);
        })) {
            Failed failed = failed(run(server));
            assertThat(failed.wanted())
                    .isEqualTo("status 2xx, \"up\" at /db, \"false\" at /db/up, \"x\" at /none,"
                            + " a match of /orders/, all within 0 ms");
            String shown = "\"{\"db\":{\"up\":true,\"lag\":1.50},\"name\":\"shop\",\"none\":null}\"";
            assertThat(failed.lastSeen())
                    .matches(Pattern.quote("/db of the answer is no text but an object or a list; \"true\" at /db/up;"
                                    + " the answer has nothing at /none: " + shown + "; no match in " + shown)
                            + "; the whole answer took \\d+ ms");
            assertThat(failed.from()).isEqualTo("web-1, GET " + server.url("/orders?limit=1"));
        }
    }

    @Test
    void triesAgainAsOftenAsAllowed() throws Exception {
        String bad = RawServer.answer(500, "text/plain", "no database");
        try (RawServer server = RawServer.saying(bad, "", JSON)) {
            assertThat(run(server))
                    .isInstanceOfSatisfying(
                            Passed.class,
                            passed -> assertThat(passed.attempts()).isEqualTo(3));
        }
        try (RawServer server = RawServer.saying(bad)) {
            Failed failed = failed(run(server));
            assertThat(failed.attempts()).isEqualTo(3);
            assertThat(failed.lastSeen()).isEqualTo("status 500: \"no database\"");
            assertThat(failed.seen())
                    .singleElement()
                    .satisfies(seen -> assertThat(seen.times()).isEqualTo(3));
        }
    }

    @Test
    void repeatsNothingThatChangesSomething() throws Exception {
        mutating = true;
        try (RawServer server = RawServer.saying(RawServer.answer(500, "text/plain", ""), JSON)) {
            assertThat(failed(run(server)).attempts()).isEqualTo(1);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void onlyWarnsWhenItDoesNotBlock() throws Exception {
        blocking = false;
        try (RawServer server = RawServer.saying(RawServer.answer(404, "text/plain", ""))) {
            assertThat(run(server))
                    .isInstanceOfSatisfying(
                            Warned.class,
                            warned -> assertThat(warned.failed().lastSeen()).isEqualTo("status 404"));
        }
    }

    @Test
    void takesRedirectThatIsWantedAndFollowsNone() throws Exception {
        String redirect = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n";
        try (RawServer server = RawServer.saying(redirect)) {
            assertThat(failed(run(server)).lastSeen())
                    .isEqualTo("status 302 to \"/login\" (redirects are not followed: check where it leads)");
            status.add(302);
            assertThat(run(server)).isInstanceOf(Passed.class);
            assertThat(server.requests()).allMatch(request -> request.startsWith("GET /orders"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"line\nX-Admin: yes", "line\r\n\r\nGET /admin", "line\r", "nul\0", "del\u007f"})
    void refusesHeaderThatWouldBecomeTwo(String value) throws Exception {
        headers.put("X-Key", "{KEY}");
        try (RawServer server = RawServer.saying(JSON)) {
            Failed failed = failed(run(server, _ -> value));
            assertThat(failed.lastSeen())
                    .isEqualTo("the value of the header X-Key has a line break or another control character");
            assertThat(failed.describe()).doesNotContain("line\n").doesNotContain("X-Admin");
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Host              | the header Host may not be set by a check
            content-length    | the header content-length may not be set by a check
            Transfer-Encoding | the header Transfer-Encoding may not be set by a check
            CONNECTION        | the header CONNECTION may not be set by a check
            Evil: x           | a header's name has characters that no header's name may have
            """)
    void refusesHeaderThatIsNotTheChecks(String name, String words) throws Exception {
        headers.put(name, "x");
        try (RawServer server = RawServer.saying(JSON)) {
            assertThat(failed(run(server)).lastSeen()).isEqualTo(words);
            assertThat(server.requests()).isEmpty();
        }
    }

    /** The record of a release may lie. */
    @ParameterizedTest
    @CsvSource({
        "GET, @elsewhere.example/, false",
        "GET, //elsewhere.example/, false",
        "GET, '/a b', false",
        "POST, /orders, false",
        "BREW, /orders, true",
    })
    void noProbeIsWhatNoFileCouldSay(String wrongMethod, String wrongPath, boolean changes) {
        method = wrongMethod;
        path = wrongPath;
        mutating = changes;

        assertThatThrownBy(this::probe).isInstanceOf(IllegalArgumentException.class);
    }

    /** Others take years for such patterns, or all memory. */
    @ParameterizedTest
    @ValueSource(strings = {"(x+x+)+y", "(x|y)*z", "(?:(?:(?:x?){30}){30})z"})
    void everyPatternComesToAnEnd(String pattern) throws Exception {
        matches = Optional.of(pattern);
        try (RawServer server = RawServer.saying(RawServer.answer(200, "text/plain", "x".repeat(60_000)))) {
            assertThat(failed(run(server)).lastSeen()).startsWith("no match in ");
        }
    }

    @Test
    void saysThatLongAnswerIsOnlySearchedInPart() throws Exception {
        matches = Optional.of("end$");
        json.put("/a", "b");
        try (RawServer server = RawServer.saying(RawServer.answer(200, "text/plain", "x".repeat(70_000) + "end"))) {
            assertThat(failed(run(server)).lastSeen())
                    .isEqualTo("the answer is longer than 64 KiB;"
                            + " no match in the first 64 KiB, and the answer is longer than 64 KiB");
        }
    }

    @Test
    void showsNoSecretThatTheServerSendsBack() throws Exception {
        headers.put("X-Key", "{KEY}");
        json.put("/user", "shop");
        try (RawServer server = new RawServer((socket, request) ->
                RawServer.write(socket, RawServer.answer(200, "text/" + TOKEN, "\u001b[1mYou sent:\n" + request)))) {
            Failed failed = failed(run(server));
            assertThat(failed.describe())
                    .contains("the answer is not JSON (content type text/[MASKED]): \"You sent: GET /orders")
                    .doesNotContain(TOKEN)
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void endsAttemptThatTakesTooLong() throws Exception {
        timeout = Duration.ofMillis(200);
        try (RawServer silent = new RawServer((socket, _) -> RawServer.hold(socket))) {
            Failed failed = failed(run(silent));
            assertThat(failed.lastSeen()).matches("no answer: no (whole answer|connection) in 0.*");
            assertThat(failed.attempts()).isEqualTo(3);
        }
    }

    @Test
    void endsWhenTheJobIsCanceled() throws Exception {
        try (RawServer silent = new RawServer((socket, _) -> {
            cancellation.request();
            RawServer.hold(socket);
        })) {
            assertThat(failed(run(silent)).lastSeen()).isEqualTo("canceled");
        }
    }

    @Test
    void connectsByTcp() throws Exception {
        URI base;
        SmokeSpec spec;
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            base = URI.create("https://127.0.0.1:1");
            spec = spec(new SmokeProbe.Tcp(listener.getLocalPort(), Set.of(Place.HOST)));
            assertThat(run(spec, base, UnaryOperator.identity()))
                    .isInstanceOfSatisfying(
                            Passed.class, passed -> assertThat(passed.saw()).isEqualTo("connected"));
        }
        Failed failed = failed(run(spec, base, UnaryOperator.identity()));
        assertThat(failed.describe())
                .startsWith(
                        "smoke orders: no connection: nobody listens there\nwanted: a connection\nasked:  web-1, TCP"
                                + " 127.0.0.1:");
        assertThat(failed.attempts()).isEqualTo(3);
    }

    private CheckResult run(RawServer server) throws InterruptedException {
        return run(server, text -> text.replace("{KEY}", TOKEN));
    }

    private CheckResult run(RawServer server, UnaryOperator<String> fill) throws InterruptedException {
        return run(spec(probe()), server.url(""), fill);
    }

    private SmokeProbe probe() {
        return new SmokeProbe.Http(
                path, method, headers, body, status, json, matches, latency, Set.of(Place.HOST), mutating);
    }

    private SmokeSpec spec(SmokeProbe probe) {
        return new SmokeSpec("orders", probe, blocking, 2, timeout);
    }

    private CheckResult run(SmokeSpec spec, URI base, UnaryOperator<String> fill) throws InterruptedException {
        masker.add(TOKEN);
        Vantage from = new Vantage("web-1", new DirectDialer(), Optional.empty());
        return new SmokeCheck(from, masker::mask, cancellation).run(spec, base, fill);
    }

    private static Failed failed(CheckResult result) {
        assertThat(result).isInstanceOf(Failed.class);
        return (Failed) result;
    }
}
