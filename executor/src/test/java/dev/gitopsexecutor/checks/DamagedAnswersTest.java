package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.io.Cancellation;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Good answers, damaged at random but the same in every run: whatever comes, a check ends with a result in words. */
class DamagedAnswersTest {
    private static final int ANSWERS = 600;
    private static final List<String> GOOD = List.of(
            RawServer.answer(200, "application/json", "{\"version\":\"v7\",\"list\":[1,2.5e3,null,\"\\u00e4\"]}"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9;a=b\r\n{\"version\r\n7\r\n\":\"v7\"}\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\r\nServer: x\r\n\r\n{\"version\":\"v7\"}");

    @Test
    @Timeout(120)
    void endsWithResultInWords() throws Exception {
        Random random = new Random(20_260_914);
        AtomicReference<String> said = new AtomicReference<>("");
        SmokeCheck check = new SmokeCheck(
                new Vantage("web-1", new DirectDialer(), Optional.empty()),
                UnaryOperator.identity(),
                new Cancellation());
        SmokeSpec spec = new SmokeSpec("damaged", probe(), true, 0, Duration.ofMillis(150));
        int passed = 0;
        int late = 0;
        try (RawServer server = new RawServer((socket, _) -> {
            RawServer.write(socket, said.get());
            if (said.get().hashCode() % 8 == 0) {
                // Some servers never close.
                RawServer.hold(socket);
            }
        })) {
            for (int number = 0; number < ANSWERS; number++) {
                said.set(damaged(GOOD.get(number % GOOD.size()), random));
                switch (check.run(spec, server.url(""), UnaryOperator.identity())) {
                    case Passed _ -> passed++;
                    case Failed failed -> {
                        assertThat(failed.describe()).as(said.get()).doesNotContainPattern("[\\p{Cc}&&[^\\n]]");
                        assertThat(failed.lastSeen())
                                .as(said.get())
                                .isNotBlank()
                                .doesNotContain("Exception");
                        late += failed.lastSeen().contains("no whole answer in 0") ? 1 : 0;
                    }
                    case CheckResult.Warned warned -> throw new AssertionError(warned);
                }
            }
        }
        assertThat(passed).as("answers that the damage spared").isBetween(20, ANSWERS / 2);
        assertThat(late).as("answers that never ended").isPositive();
    }

    private static SmokeProbe probe() {
        return new SmokeProbe.Http(
                "/",
                "GET",
                Collections.emptySortedMap(),
                Optional.empty(),
                Collections.emptySortedSet(),
                new TreeMap<>(Map.of("/version", "v7")),
                Optional.of("v[0-9]"),
                Optional.empty(),
                Set.of(Place.HOST),
                false);
    }

    private static String damaged(String good, Random random) {
        byte[] bytes = good.getBytes(ISO_8859_1);
        int at = random.nextInt(bytes.length);
        int to = at + random.nextInt(bytes.length - at);
        return switch (random.nextInt(5)) {
            case 0 -> good.substring(0, at);
            case 1 -> good.substring(0, at) + good.substring(to);
            case 2 -> good.substring(0, to) + good.substring(at);
            case 3 -> good.substring(0, at) + noise(random, 1 + random.nextInt(40)) + good.substring(at);
            default -> {
                byte[] flipped = Arrays.copyOf(bytes, bytes.length);
                flipped[at] = (byte) random.nextInt(256);
                yield new String(flipped, ISO_8859_1);
            }
        };
    }

    private static String noise(Random random, int length) {
        return IntStream.range(0, length)
                .mapToObj(_ -> String.valueOf((char) random.nextInt(256)))
                .reduce("", String::concat);
    }
}
