package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real sockets, against servers that do not keep to the rules. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class HttpProbeTest {
    private static final Vantage HERE = new Vantage("this machine", new DirectDialer(), Optional.empty());

    private final Cancellation cancellation = new Cancellation();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            HTTP/1.1 200 OK~Content-Length: 2~~okay                                        | 200 | ok
            HTTP/1.0 200~~until the end                                                    | 200 | until the end
            HTTP/1.1 200 ~Content-Length: 2~Content-Length: 2~~ok                          | 200 | ok
            HTTP/1.1 200 ~Content-Length: 2, 2~~ok                                         | 200 | ok
            HTTP/1.1 200 ~Content-Length: 9~Transfer-Encoding: chunked~~2;x=y~ok~0~~       | 200 | ok
            HTTP/1.1 200 ~Transfer-Encoding: Chunked~~1~o~001~k~000~Trailer: x~~           | 200 | ok
            HTTP/1.1 200 ~transfer-encoding : chunked~~2~ok~0~                             | 200 | ok
            HTTP/1.1 200 ~X: a~ folded~Content-Length: 2~~ok                               | 200 | ok
            HTTP/1.1 100 Continue~~HTTP/1.1 103 Hints~Link: x~~HTTP/1.1 200 OK~~ok         | 200 | ok
            HTTP/1.1 101 Other~Upgrade: x~~binary                                          | 101 | ``
            HTTP/1.1 204 None~Content-Length: 7~~                                          | 204 | ``
            HTTP/1.1 304 Same~Content-Length: 7~~                                          | 304 | ``
            HTTP/1.1 503 Busy~Content-Length: 0~~                                          | 503 | ``
            HTTP/1.1 999 Odd~~                                                             | 999 | ``
            """)
    void readsWhatKeepsToTheRules(String said, int status, String body) throws Exception {
        Answer answer = ask(said.replace("~", "\r\n"));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.isCut()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                                                     | the connection was closed without an answer
            HTTP/1.1 200 OK~Content-Le                             | the connection was closed in the middle of an answer
            HTTP/1.1 200 OK~Content-Length: 5~~ok                  | the answer's body ended after 2 of 5 bytes
            HTTP/1.1 200 OK~Content-Length: 5~Content-Length: 6~~x | the answer has several Content-Length that differ
            HTTP/1.1 200 OK~Content-Length: -5~~x                  | the answer's Content-Length is no number of bytes
            HTTP/1.1 200 OK~Content-Length: ~~x                    | the answer's Content-Length is no number of bytes
            HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~ok       | the answer's body ended in the middle of a chunk
            HTTP/1.1 200 OK~Transfer-Encoding: chunked~~2~okay~0~~ | the answer's chunks are damaged: one is longer than its size
            HTTP/1.1 200 OK~Transfer-Encoding: chunked~~x~ok~0~~   | the answer's chunks are damaged: a size is none
            HTTP/1.1 200 OK~Transfer-Encoding: chunked~~fffffffff~ | the answer's chunks are damaged: a size is none
            HTTP/1.1 200 OK~no header~~                            | the answer's head is damaged: a line is no header
            HTTP/1.1 2000 OK~~                                     | what answers there does not speak HTTP/1.1
            HTTP/1.1 099 OK~~                                      | what answers there does not speak HTTP/1.1
            HTTP/2 200~~                                           | what answers there does not speak HTTP/1.1
            SSH-2.0-OpenSSH_9.9~                                   | what answers there does not speak HTTP/1.1
            <html>it works</html>~                                 | what answers there does not speak HTTP/1.1
            <html>it works</html>                                  | the connection was closed in the middle of an answer
            """)
    void saysWhatIsDamaged(String said, String words) {
        assertThatThrownBy(() -> ask(said.replace("~", "\r\n")))
                .isInstanceOf(IOException.class)
                .hasMessage(words);
    }

    @Test
    void takesNoEndlessHead() {
        assertThatThrownBy(() -> ask("HTTP/1.1 200 OK\r\n" + "x: y\r\n".repeat(300)))
                .hasMessage("the answer has more than 200 header lines");
        assertThatThrownBy(() -> ask("HTTP/1.1 200 OK\r\nx: " + "y".repeat(20_000)))
                .hasMessage("the answer has a line of more than 16384 bytes");
        assertThatThrownBy(() -> ask("HTTP/1.1 200 OK\r\n" + ("x: " + "y".repeat(16_000) + "\r\n").repeat(5)))
                .hasMessage("the answer's head is longer than 65536 bytes");
        assertThatThrownBy(() -> ask("HTTP/1.1 100 Continue\r\n\r\n".repeat(20)))
                .hasMessage("only interim answers (status 1xx), more than 10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1000000\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\nf4240\r\n"})
    void readsNoMoreOfTheBodyThanItMay(String rest) throws Exception {
        Answer answer = ask("HTTP/1.1 200 OK\r\n" + rest + "x".repeat(1_000_000));
        assertThat(answer.body()).hasSize(64 * 1024);
        assertThat(answer.isCut()).isTrue();
    }

    @Test
    void cutsNoBodyOfExactlyTheLargestSize() throws Exception {
        Answer answer = ask(RawServer.answer(200, "text/plain", "x".repeat(64 * 1024)));
        assertThat(answer.body()).hasSize(64 * 1024);
        assertThat(answer.isCut()).isFalse();
    }

    @Test
    void waitsForNoBodyAfterHead() throws Exception {
        try (RawServer server = new RawServer((socket, _) -> {
            RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
            RawServer.hold(socket);
        })) {
            Request head = new Request("HEAD", server.url("/"), new TreeMap<>(), Optional.empty());
            assertThat(ask(head, Duration.ofSeconds(50)).status()).isEqualTo(200);
        }
    }

    @Test
    void endsAttemptOfSlowBodyByItsDeadline() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        try (RawServer server = new RawServer((socket, _) -> {
            try {
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                for (int bytes = 0; bytes < 100_000; bytes++) {
                    RawServer.write(socket, "x");
                    Thread.sleep(20);
                }
            } catch (InterruptedException never) {
                throw new IOException(never);
            } finally {
                gone.countDown();
            }
        })) {
            assertThatThrownBy(() -> ask(Request.get(server.url("/")), Duration.ofMillis(500)))
                    .isInstanceOf(Attempt.Late.class)
                    .hasMessageMatching("no whole answer in 0(\\.\\d)? s");
            gone.await();
        }
    }

    @Test
    void endsAttemptWhoseRequestIsNotRead() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("http://127.0.0.1:%d/".formatted(deaf.getLocalPort()));
            Request large = new Request("POST", url, new TreeMap<>(), Optional.of("x".repeat(20_000_000)));
            assertThatThrownBy(() -> ask(large, Duration.ofMillis(500)))
                    .hasMessageMatching("no whole answer in 0(\\.\\d)? s");
        }
    }

    @Test
    void endsAttemptOfDialerThatHangs() {
        CountDownLatch never = new CountDownLatch(1);
        Vantage stuck = new Vantage(
                "nowhere",
                (_, _, _) -> {
                    try {
                        never.await();
                    } catch (InterruptedException ended) {
                        throw new IOException(ended);
                    }
                    throw new IOException("unreachable");
                },
                Optional.empty());
        Deadline deadline = Deadline.after(InstantSource.system(), Duration.ofMillis(300));
        assertThatThrownBy(() ->
                        HttpProbe.ask(Request.get(URI.create("http://a.example/")), stuck, deadline, cancellation))
                .isInstanceOf(Attempt.Late.class)
                .hasMessageMatching(
                        "no connection in 0(\\.\\d)? s: the machine is down, or a firewall drops the packets");
    }

    @Test
    void endsAtOnceWhenTheJobIsCanceledInTheMiddleOfAnAnswer() throws Exception {
        try (RawServer server = new RawServer((socket, _) -> {
            RawServer.write(socket, "HTTP/1.1 200 OK\r\n");
            cancellation.request();
            RawServer.hold(socket);
        })) {
            assertThatThrownBy(() -> ask(Request.get(server.url("/")), Duration.ofHours(1)))
                    .isInstanceOf(Attempt.Canceled.class);
        }
    }

    @Test
    void saysThatNobodyListensAndThatNameDoesNotResolve() throws Exception {
        URI closed;
        try (RawServer server = RawServer.saying("")) {
            closed = server.url("/");
        }
        assertThatThrownBy(() -> ask(Request.get(closed), Duration.ofSeconds(50)))
                .hasMessage("nobody listens there");
        assertThatThrownBy(() -> ask(Request.get(URI.create("http://no-such-name.invalid/")), Duration.ofSeconds(50)))
                .hasMessage("the name does not resolve");
    }

    @Test
    void triesEveryAddressOfName() throws Exception {
        // Where localhost is ::1 as well, nobody listens there.
        try (RawServer server = RawServer.saying(RawServer.answer(200, "text/plain", "ok"))) {
            assertThat(ask(Request.get(server.named("/")), Duration.ofSeconds(50))
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void sendsNeitherUserNorFragmentAndNoPortThatIsUsual() throws Exception {
        try (RawServer server = RawServer.saying(RawServer.answer(200, "text/plain", "ok"))) {
            URI url = URI.create("http://user:pass@127.0.0.1:%d/a%%20b?c=\u00e4#part".formatted(server.port()));
            Request request = Request.get(url);
            ask(request, Duration.ofSeconds(50));
            assertThat(server.requests())
                    .singleElement()
                    .asString()
                    .startsWith("GET /a%%20b?c=%%C3%%A4 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n".formatted(server.port()))
                    .doesNotContain("pass");
            assertThat(request.describe()).doesNotContain("pass");
        }
        assertThat(new String(Request.get(URI.create("http://[::1]")).bytes(), UTF_8))
                .startsWith("GET / HTTP/1.1\r\nHost: [::1]\r\n");
    }

    private Answer ask(String said) throws Exception {
        try (RawServer server = RawServer.saying(said)) {
            return ask(Request.get(server.url("/")), Duration.ofSeconds(50));
        }
    }

    private Answer ask(Request request, Duration limit) throws Exception {
        return HttpProbe.ask(request, HERE, Deadline.after(InstantSource.system(), limit), cancellation);
    }
}
