package dev.gitopsexecutor.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.model.NotifierName;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.Vault;
import dev.gitopsexecutor.secrets.VaultSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotifiersTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final NotifierName NAME = new NotifierName("ops");
    private static final String SLACK_PATH = "/services/T012AB3CD/B0123456/verysecretpart";
    private static final String TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";
    private static final String KEY = "key-of-the-audit-hook";

    /** Short pauses; a hanging peer is left after a moment. */
    private static final DeliveryTimes QUICK =
            new DeliveryTimes(Duration.ofSeconds(5), Duration.ofMillis(700), Duration.ofMillis(5));

    private final InstantSource clock = InstantSource.system();
    private final Masker masker = new Masker();

    @TempDir
    private Path directory;

    private Path secret(String content) throws IOException {
        Path file = Files.createTempFile(
                directory,
                "secret",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content + "\n");
    }

    private OwnSecret stored(String content) throws IOException {
        return new OwnSecret.InFile(secret(content));
    }

    private NotifierSettings slack(HttpPeer peer) throws IOException {
        return new NotifierSettings.Slack(stored(peer.uri(SLACK_PATH).toString()), Optional.empty());
    }

    private NotifierSettings telegram(HttpPeer peer) throws IOException {
        return new NotifierSettings.Telegram(
                stored(TOKEN), "-1001234567890", Optional.of(7L), peer.uri(""), Optional.empty());
    }

    private NotifierSettings webhook(URI url) throws IOException {
        return new NotifierSettings.Webhook(url, stored(KEY), Optional.empty());
    }

    private Optional<String> tell(NotifierSettings settings, Notification notification, String... mentions)
            throws InterruptedException {
        return tell(settings, notification, QUICK, mentions);
    }

    private Optional<String> tell(
            NotifierSettings settings, Notification notification, DeliveryTimes times, String... mentions)
            throws InterruptedException {
        Notifiers notifiers = new Notifiers(new TreeMap<>(Map.of(NAME, settings)), secrets(), clock, times);
        List<Told> told = notifiers
                .send(
                        notification,
                        List.of(new Addressee(
                                NAME,
                                List.of(mentions).stream().map(Mention::new).toList())))
                .await();
        assertThat(told).extracting(Told::to).containsExactly(NAME);
        told.getFirst()
                .problem()
                .ifPresent(problem -> assertThat(problem)
                        .doesNotContain("verysecretpart", TOKEN, "AAEhBOweik6ad9r", KEY)
                        .doesNotContainPattern("\\p{Cntrl}"));
        return told.getFirst().problem();
    }

    private OwnSecrets secrets() {
        VaultSettings nowhere = new VaultSettings(
                URI.create("http://127.0.0.1:1"), "jwt", Optional.empty(), Optional.empty(), Optional.empty());
        return new OwnSecrets(new Vault(nowhere, new HeldTokens(directory), masker, clock), Optional.empty(), masker);
    }

    /** Of Slack's blocks, wherever they are. */
    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node.path("text").isTextual()) {
            texts.add(node.path("text").asText());
        }
        node.forEach(child -> texts.addAll(texts(child)));
        return texts;
    }

    @Test
    void slackGetsBlocksInTheColourOfTheOutcome() throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(200, "ok"))) {
            assertThat(tell(
                            slack(peer),
                            TestNotifications.failed(),
                            "@here",
                            "<@U012AB3CD>",
                            "@someone",
                            "a@example.com"))
                    .isEmpty();

            HttpPeer.Request request = peer.requests().getFirst();
            assertThat(request.line()).isEqualTo("POST " + SLACK_PATH + " HTTP/1.1");
            assertThat(request.headers()).containsEntry("content-type", "application/json");
            JsonNode message = JSON.readTree(request.body());
            assertThat(message.path("text").asText())
                    .isEqualTo("<!here> <@U012AB3CD> *Deploying acme/shop app 1.4.2 to production failed*");
            JsonNode attachment = message.path("attachments").path(0);
            assertThat(attachment.path("color").asText()).isEqualTo("#dd2b0e");
            assertThat(texts(attachment))
                    .contains(
                            "*Environment*\nproduction (production)",
                            "*Version*\napp 1.4.2",
                            "*Before*\napp 1.4.1",
                            "*Commit*\n4c300d29 Say prices with tax (Dana Doe)",
                            "*Started by*\ndana",
                            "*Hosts*\nweb-1, web-2",
                            "*Took*\n1 min 23 s",
                            "web-1: health was 503 [CHECK_FAILED]",
                            "Every host runs app 1.4.1 again, proven.",
                            "*Next* Read the lines of the container above.",
                            "<https://gitlab.example.com/acme/shop/-/jobs/102/artifacts?a=1&amp;b=2|Report>"
                                    + "   <https://gitlab.example.com/acme/shop/-/jobs/102|Job>"
                                    + "   <https://gitlab.example.com/acme/shop/-/pipelines/9102|Pipeline>");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"STARTED", "SUCCEEDED", "ROLLED_BACK", "DENIED"})
    void nobodyIsMentionedInWhatIsNoFailure(DeployEvent event) throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(200, "ok"))) {
            assertThat(tell(slack(peer), TestNotifications.of(event), "@here")).isEmpty();
            assertThat(peer.requests().getFirst().body()).doesNotContain("here");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!channel>",
                "</b><script>alert(1)</script>",
                "</code></pre><a href=\"https://evil.example\">x</a>",
                "<https://evil.example|click>",
                "a\r\nBcc: eve@evil.example\r\n\r\nbody",
                "\u202egnp.exe\u001b[31m",
                "&amp;&lt;",
                "@everyone `*_~"
            })
    void hostileTextStaysText(String text) throws Exception {
        try (HttpPeer slack = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer telegram = new HttpPeer(HttpPeer.answers(200, "{\"ok\":true}"));
                HttpPeer hook = new HttpPeer(HttpPeer.answers(204, ""));
                SmtpPeer mail = new SmtpPeer(_ -> null)) {
            Notification notification = TestNotifications.hostile(text);
            assertThat(tell(slack(slack), notification)).isEmpty();
            assertThat(tell(telegram(telegram), notification)).isEmpty();
            assertThat(tell(webhook(hook.uri("/")), notification)).isEmpty();
            assertThat(tell(email(mail, Optional.empty()), notification)).isEmpty();

            String blocks = String.join(
                    "\n", texts(JSON.readTree(slack.requests().getFirst().body())));
            assertThat(blocks.replaceAll("<https://gitlab\\.example\\.com/[^|<>]*\\|(Job|Pipeline)>", ""))
                    .doesNotContain("<", ">", "\u202e", "\u001b", "\r");
            String html = JSON.readTree(telegram.requests().getFirst().body())
                    .path("text")
                    .asText();
            assertThat(html.replaceAll("</?(code|pre)>", "")
                            .replaceAll("<a href=\"https://gitlab[^\"<>]*\">Job</a>", ""))
                    .doesNotContain("<", ">", "\"", "\u202e", "\u001b", "\r", "javascript:");
            JsonNode json = JSON.readTree(hook.requests().getFirst().body());
            assertThat(json.path("project").asText()).doesNotContainPattern("[\\p{Cntrl}\u202e]");
            assertThat(json.path("pipeline_url").isNull()).isTrue();
            String raw = mail.mails().getFirst();
            assertThat(raw.substring(0, raw.indexOf("\r\n\r\n")).lines())
                    .as("headers")
                    .noneMatch(line -> line.startsWith("Bcc"));
            assertThat(mail.commands())
                    .filteredOn(line -> line.startsWith("RCPT"))
                    .hasSize(1);
        }
    }

    @Test
    void longTextIsCutToWhatEachChannelTakes() throws Exception {
        try (HttpPeer slack = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer telegram = new HttpPeer(HttpPeer.answers(200, "{\"ok\":true}"))) {
            Notification notification = TestNotifications.hostile("<&>😀".repeat(5000));
            assertThat(tell(slack(slack), notification)).isEmpty();
            assertThat(tell(telegram(telegram), notification)).isEmpty();

            JsonNode blocks = JSON.readTree(slack.requests().getFirst().body()).at("/attachments/0/blocks");
            assertThat(blocks.size()).isLessThanOrEqualTo(50);
            assertThat(blocks.path(0).path("fields").size()).isLessThanOrEqualTo(10);
            blocks.path(0)
                    .path("fields")
                    .forEach(field -> assertThat(field.path("text").asText()).hasSizeLessThanOrEqualTo(2000));
            blocks.findValues("text")
                    .forEach(text -> assertThat(text.path("text").asText()).hasSizeLessThanOrEqualTo(3000));
            assertThat(JSON.readTree(telegram.requests().getFirst().body())
                            .path("text")
                            .asText())
                    .hasSizeLessThan(4096 * 5)
                    .satisfies(html -> assertThat(html.replaceAll("<[^>]*>", "").replaceAll("&[a-z]+;", "x"))
                            .hasSizeLessThanOrEqualTo(4096)
                            .doesNotContainPattern("[\ud800-\udbff](?![\udc00-\udfff])"));
        }
    }

    @Test
    void telegramGetsItsHtmlInTheChatAndThread() throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(200, "{\"ok\":true}"))) {
            assertThat(tell(telegram(peer), TestNotifications.failed(), "@dana_doe", "@here", "<@U012AB3CD>"))
                    .isEmpty();

            HttpPeer.Request request = peer.requests().getFirst();
            assertThat(request.line()).isEqualTo("POST /bot%s/sendMessage HTTP/1.1".formatted(TOKEN));
            JsonNode message = JSON.readTree(request.body());
            assertThat(message.path("chat_id").asText()).isEqualTo("-1001234567890");
            assertThat(message.path("message_thread_id").asLong()).isEqualTo(7);
            assertThat(message.path("parse_mode").asText()).isEqualTo("HTML");
            assertThat(message.path("text").asText())
                    .startsWith("❌ <code>Deploying acme/shop app 1.4.2 to production failed</code>\n")
                    .contains(
                            "\nCommit: <code>4c300d29 Say prices with tax (Dana Doe)</code>\n",
                            "<pre>web-1: health was 503 [CHECK_FAILED]</pre>",
                            "<a href=\"https://gitlab.example.com/acme/shop/-/jobs/102/artifacts?a=1&amp;b=2\">Report</a>")
                    .endsWith("\n@dana_doe");
        }
    }

    @Test
    void aWebhookCanTellThatTheMessageIsOurs() throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(503, ""), HttpPeer.answers(204, ""))) {
            assertThat(tell(webhook(peer.uri("/deploys?team=shop")), TestNotifications.failed(), "@here"))
                    .isEmpty();

            assertThat(peer.requests()).hasSize(2);
            for (HttpPeer.Request request : peer.requests()) {
                String timestamp = request.headers().get("x-gitops-timestamp");
                assertThat(Instant.ofEpochSecond(Long.parseLong(timestamp)))
                        .isBetween(clock.instant().minusSeconds(60), clock.instant());
                assertThat(request.headers())
                        .containsEntry("x-gitops-signature", "sha256=" + hmac(timestamp + "." + request.body()));
            }
            assertThat(peer.requests())
                    .extracting(request -> request.headers().get("x-gitops-delivery"))
                    .as("the same at both attempts")
                    .containsOnly(peer.requests().getFirst().headers().get("x-gitops-delivery"))
                    .doesNotContainNull();
            JsonNode json = JSON.readTree(peer.requests().getFirst().body());
            assertThat(json).isEqualTo(JSON.readTree("""
                            {"schema": 1, "event": "failed", "test": false,
                             "headline": "Deploying acme/shop app 1.4.2 to production failed",
                             "environment": "production", "tier": "production", "project": "acme/shop",
                             "version": "app 1.4.2", "previous_version": "app 1.4.1",
                             "commit": {"sha": "4c300d29c32b7e55210788f6835f3f000dc9cc7a",
                                        "title": "Say prices with tax", "author": "Dana Doe"},
                             "started_by": "dana",
                             "pipeline_url": "https://gitlab.example.com/acme/shop/-/pipelines/9102",
                             "job_url": "https://gitlab.example.com/acme/shop/-/jobs/102",
                             "report_url": "https://gitlab.example.com/acme/shop/-/jobs/102/artifacts?a=1&b=2",
                             "seconds": 83.4, "hosts": ["web-1", "web-2"],
                             "failure": {"code": "CHECK_FAILED", "sentence": "web-1: health was 503 [CHECK_FAILED]",
                                         "next": "Read the lines of the container above."},
                             "now": "Every host runs app 1.4.1 again, proven.", "mentions": ["@here"]}"""));
        }
    }

    private static String hmac(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY.getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
    }

    @Test
    void whatIsNotKnownIsNull() throws Exception {
        Notification bare = new Notification(
                DeployEvent.DENIED,
                true,
                new EnvironmentName("staging"),
                "staging",
                "acme/shop",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "dana",
                new Notification.Links(Optional.empty(), Optional.empty(), Optional.empty()),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty());
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(200, "whatever"))) {
            assertThat(tell(webhook(peer.uri("/")), bare)).isEmpty();
            assertThat(JSON.readTree(peer.requests().getFirst().body())).isEqualTo(JSON.readTree("""
                            {"schema": 1, "event": "denied", "test": true,
                             "headline": "[test] Deploying acme/shop to staging was denied",
                             "environment": "staging", "tier": "staging", "project": "acme/shop", "version": null,
                             "previous_version": null, "commit": null, "started_by": "dana", "pipeline_url": null,
                             "job_url": null, "report_url": null, "seconds": null, "hosts": [], "failure": null,
                             "now": null, "mentions": []}"""));
        }
    }

    @Test
    void goesOnAfterFaultsThatPass() throws Exception {
        try (HttpPeer peer = new HttpPeer(
                HttpPeer.resets(), HttpPeer.answersHalf(), HttpPeer.hangs(), HttpPeer.answers(200, "ok"))) {
            assertThat(tell(slack(peer), TestNotifications.failed())).isEmpty();
            assertThat(peer.requests()).hasSize(4);
        }
    }

    @Test
    void waitsAsLongAsItIsAskedTo() throws Exception {
        String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                clock.instant().plusSeconds(2).atOffset(ZoneOffset.UTC));
        try (HttpPeer peer = new HttpPeer(
                HttpPeer.answers(429, "rate_limited", "Retry-After: 1"),
                HttpPeer.answers(503, "", "Retry-After: " + soon),
                HttpPeer.answers(200, "ok"))) {
            Instant before = clock.instant();
            assertThat(tell(slack(peer), TestNotifications.failed())).isEmpty();
            assertThat(clock.instant()).isAfter(before.plusSeconds(1));
            assertThat(peer.requests()).hasSize(3);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Retry-After: 600 | HTTP 429, which asks to wait 600 s, after",
                "Retry-After: 999999999 | HTTP 429, which asks to wait 999999999 s, after",
                "Retry-After: Wed, 01 Jan 2200 00:00:00 GMT | HTTP 429, which asks to wait ",
                "Retry-After: soon | HTTP 429 at attempt 4, after",
                "Retry-After: -5 | HTTP 429 at attempt 4, after",
                "X-Other: 1 | HTTP 429 at attempt 4, after"
            })
    void givesUpAndSaysWhy(String header, String saw) throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(429, "", header))) {
            assertThat(tell(slack(peer), TestNotifications.failed()).orElseThrow())
                    .startsWith(saw);
        }
    }

    @Test
    void telegramSaysInItsBodyHowLongToWait() throws Exception {
        String slowly = "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 1\","
                + "\"parameters\":{\"retry_after\":1}}";
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(429, slowly), HttpPeer.answers(200, "{\"ok\":true}"))) {
            Instant before = clock.instant();
            assertThat(tell(telegram(peer), TestNotifications.failed())).isEmpty();
            assertThat(clock.instant()).isAfter(before.plusSeconds(1));
        }
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(429, slowly.replace(":1}", ":35}")))) {
            assertThat(tell(telegram(peer), TestNotifications.failed()).orElseThrow())
                    .startsWith("HTTP 429: Too Many Requests: retry after 1, which asks to wait 35 s, after");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | no_service | HTTP 404 no_service: the webhook or its channel is gone; make a new one and store its URL",
                "410 | channel_is_archived | HTTP 410 channel_is_archived: the webhook or its channel is gone; make a new one and store its URL",
                "403 | action_prohibited | HTTP 403 action_prohibited: Slack forbids it; ask who administers the workspace",
                "400 | invalid_payload | HTTP 400 invalid_payload: Slack does not take the message",
                "400 | <html>/services/verysecretpart</html> | HTTP 400: Slack does not take the message",
                "200 | <html>hello</html> | HTTP 200 without Slack's `ok`: that is not a webhook of Slack",
                "302 | /services/verysecretpart | HTTP 302, a redirect, which is not followed",
                "418 | '' | HTTP 418"
            })
    void slackRefusesForGood(int status, String body, String saw) throws Exception {
        try (HttpPeer elsewhere = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer peer =
                        new HttpPeer(HttpPeer.answers(status, body, "Location: " + elsewhere.uri("/verysecretpart")))) {
            assertThat(tell(slack(peer), TestNotifications.failed())).contains(saw);
            assertThat(peer.requests()).as("not tried again").hasSize(1);
            assertThat(elsewhere.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | {\"ok\":false,\"description\":\"Unauthorized\"} | HTTP 401: Unauthorized; Telegram does not know the bot's token",
                "400 | {\"ok\":false,\"description\":\"Bad Request: chat not found\"} | HTTP 400: Bad Request: chat not found",
                "403 | {\"ok\":false,\"description\":\"Forbidden: bot was kicked\"} | HTTP 403: Forbidden: bot was kicked; the bot may not write there: add it to the chat",
                "400 | {\"ok\":false,\"description\":\"no /bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc\"} | HTTP 400: no /bot[MASKED]",
                "404 | <html>/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc</html> | HTTP 404; Telegram does not know the bot's token",
                "200 | {\"ok\":false} | HTTP 200 without Telegram's `ok`",
                "200 | [] | HTTP 200 without Telegram's `ok`"
            })
    void telegramRefusesForGood(int status, String body, String saw) throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(status, body))) {
            assertThat(tell(telegram(peer), TestNotifications.failed())).contains(saw);
            assertThat(peer.requests()).hasSize(1);
        }
    }

    @Test
    void anAnswerThatNeverEndsIsNone() throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.neverEnds())) {
            assertThat(tell(slack(peer), TestNotifications.failed()).orElseThrow())
                    .startsWith(
                            "the connection ended without a whole answer, or with one of more than 64 KiB at attempt 4");
        }
    }

    @Test
    void whoHangsIsLeftWithinTheBudget() throws Exception {
        DeliveryTimes times = new DeliveryTimes(Duration.ofMillis(900), Duration.ofMillis(300), Duration.ofMillis(10));
        try (HttpPeer peer = new HttpPeer(HttpPeer.hangs());
                SmtpPeer drop = new SmtpPeer(command -> command.startsWith("mail") ? "250-" : null)) {
            assertThat(tell(slack(peer), TestNotifications.failed(), times).orElseThrow())
                    .startsWith("no whole answer in 0.");
            assertThat(tell(email(drop, Optional.empty()), TestNotifications.failed(), times)
                            .orElseThrow())
                    .startsWith("no ");
        }
    }

    @Test
    void whoNeverComesToAnEndIsLeftAndHungUpOn() throws Exception {
        DeliveryTimes times = new DeliveryTimes(Duration.ofMillis(500), Duration.ofMillis(400), Duration.ofMillis(10));
        CountDownLatch hungUp = new CountDownLatch(1);
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = listener.accept()) {
                    while (true) {
                        socket.getOutputStream().write("220-wait\r\n".getBytes(UTF_8));
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException ended) {
                    hungUp.countDown();
                }
            });
            assertThat(tell(email(listener.getLocalPort(), Optional.empty()), TestNotifications.failed(), times))
                    .contains("no end of it in 0.5 s");
            assertThat(hungUp.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    enum Cut {
        /** Waits for it, like a proxy that finds nobody behind itself. */
        CLOSED,
        RESET
    }

    /** Ends each connection once TLS has begun, and counts them. */
    private static void cut(ServerSocket listener, Cut how, AtomicInteger connections) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.getInputStream().read(new byte[64 * 1024]);
                connections.incrementAndGet();
                socket.setSoLinger(how == Cut.RESET, 0);
            } catch (IOException closed) {
                return;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatEndsWhileTlsBeginsIsTriedAgain(Cut how) throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> cut(listener, how, connections));
            int port = listener.getLocalPort();
            assertThat(tell(webhook(URI.create("https://127.0.0.1:" + port)), TestNotifications.failed())
                            .orElseThrow())
                    .startsWith("the connection ended ")
                    .contains(" at attempt 4, after");
            assertThat(connections).hasValue(4);
            assertThat(tell(tls(port), TestNotifications.failed()).orElseThrow())
                    .contains("the connection ended")
                    .contains(" at attempt 4, after");
            assertThat(connections).hasValue(8);
        }
    }

    @Test
    void aServerThatSpeaksNoTlsIsNotTriedAgain() throws Exception {
        try (SmtpPeer peer = new SmtpPeer(_ -> null)) {
            assertThat(tell(webhook(URI.create("https://127.0.0.1:" + peer.port())), TestNotifications.failed())
                            .orElseThrow())
                    .startsWith("TLS failed")
                    .doesNotContain("attempt");
            assertThat(tell(tls(peer.port()), TestNotifications.failed()).orElseThrow())
                    .startsWith("TLS failed")
                    .doesNotContain("attempt");
        }
    }

    private NotifierSettings tls(int port) throws IOException {
        NotifierSettings.Email plain = (NotifierSettings.Email) email(port, Optional.empty());
        return new NotifierSettings.Email(
                plain.server(),
                port,
                NotifierSettings.Email.Tls.TLS,
                plain.login(),
                plain.from(),
                plain.to(),
                Optional.empty());
    }

    @Test
    void nobodyThereIsSaid() throws Exception {
        HttpPeer peer = new HttpPeer(HttpPeer.answers(200, "ok"));
        NotifierSettings settings = slack(peer);
        peer.close();
        assertThat(tell(settings, TestNotifications.failed()).orElseThrow())
                .startsWith("nobody answers there at attempt 4, after");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://hooks.example.com/verysecretpart",
                "ftp://hooks.example.com/verysecretpart",
                "verysecretpart",
                "https://user:verysecretpart@hooks.example.com/",
                "https://hooks.example.com/{verysecretpart}"
            })
    void aSecretThatIsNoUrlIsNotShown(String url) throws Exception {
        assertThat(tell(new NotifierSettings.Slack(stored(url), Optional.empty()), TestNotifications.failed()))
                .contains("its URL is none that can be posted to: https, or http on a loopback address");
    }

    @Test
    void anUnreadableSecretIsSaid() throws Exception {
        Path open = secret("https://hooks.slack.com/verysecretpart");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(tell(
                        new NotifierSettings.Slack(new OwnSecret.InFile(open), Optional.empty()),
                        TestNotifications.failed()))
                .contains("its secret cannot be read: its mode is rw-r--r--: others than its owner may use it");
        assertThat(tell(
                        new NotifierSettings.Telegram(
                                stored("no-such-token"),
                                "1",
                                Optional.empty(),
                                URI.create("http://127.0.0.1:1"),
                                Optional.empty()),
                        TestNotifications.failed()))
                .contains("its token is not one of a bot, such as 123456:ABC…");
        assertThat(tell(
                                new NotifierSettings.Webhook(
                                        URI.create("https://127.0.0.1:1"),
                                        stored(KEY),
                                        Optional.of(directory.resolve("none.pem"))),
                                TestNotifications.failed())
                        .orElseThrow())
                .startsWith("its ca_file cannot be read: ");
    }

    @Test
    void everybodyIsToldAtOnceAndOneThatFailsIsNoMatterToOthers() throws Exception {
        try (HttpPeer good = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer bad = new HttpPeer(HttpPeer.answers(404, "no_service"))) {
            NotifierName other = new NotifierName("other");
            NotifierName unknown = new NotifierName("unknown");
            Notifiers notifiers =
                    new Notifiers(new TreeMap<>(Map.of(NAME, slack(bad), other, slack(good))), secrets(), clock, QUICK);
            List<Told> told = notifiers
                    .send(
                            TestNotifications.failed(),
                            List.of(
                                    new Addressee(NAME, List.of()),
                                    new Addressee(other, List.of()),
                                    new Addressee(unknown, List.of())))
                    .await();
            assertThat(told)
                    .extracting(Told::line)
                    .containsExactly(
                            "ops was not told: HTTP 404 no_service: the webhook or its channel is gone; make a new one"
                                    + " and store its URL",
                            "other was told",
                            "unknown was not told: executor.yaml has no such notifier");
        }
    }

    private NotifierSettings email(SmtpPeer peer, Optional<String> password, String... to) throws IOException {
        return email(peer.port(), password, to);
    }

    private NotifierSettings email(int port, Optional<String> password, String... to) throws IOException {
        Optional<NotifierSettings.Email.Login> login = password.isPresent()
                ? Optional.of(new NotifierSettings.Email.Login("releases", stored(password.get())))
                : Optional.empty();
        return new NotifierSettings.Email(
                "127.0.0.1",
                port,
                NotifierSettings.Email.Tls.NONE,
                login,
                "releases@example.com",
                to.length == 0 ? List.of("team@example.com") : List.of(to),
                Optional.empty());
    }

    @Test
    void mailSaysTheSameInTextAndHtml() throws Exception {
        try (SmtpPeer peer = new SmtpPeer(_ -> null)) {
            assertThat(tell(
                            email(peer, Optional.of("mail-password"), "team@example.com", "boss@example.com"),
                            TestNotifications.failed(),
                            "dana@example.com",
                            "@here"))
                    .isEmpty();

            assertThat(peer.commands())
                    .contains(
                            "MAIL FROM:<releases@example.com>",
                            "RCPT TO:<team@example.com>",
                            "RCPT TO:<boss@example.com>",
                            "RCPT TO:<dana@example.com>")
                    .anyMatch(command -> command.startsWith("AUTH PLAIN "));
            String mail = peer.mails().getFirst();
            assertThat(mail)
                    .containsPattern("(?m)^Date: \\w{3}, ")
                    .containsPattern("(?m)^Message-ID: <[0-9a-f-]{36}@example.com>$")
                    .contains(
                            "From: releases@example.com\r\n",
                            "To: team@example.com, boss@example.com, dana@example.com\r\n",
                            "Auto-Submitted: auto-generated\r\n",
                            "Content-Type: multipart/alternative",
                            "Content-Type: text/plain; charset=UTF-8",
                            "Content-Type: text/html; charset=UTF-8",
                            "web-1: health was 503 [CHECK_FAILED]")
                    .containsPattern("Subject: \\[production\\] Deploying acme/shop app 1.4.2 to production\\s+failed");
        }
    }

    @Test
    void aRecipientWhomTheServerRefusesKeepsNobodyElseFromIt() throws Exception {
        try (SmtpPeer peer = new SmtpPeer(command -> command.contains("gone@") ? "550 5.1.1 no such user" : null)) {
            assertThat(tell(
                            email(peer, Optional.empty(), "gone@example.com", "team@example.com"),
                            TestNotifications.failed()))
                    .contains("1 of 2 recipients: gone@example.com is refused: 550 5.1.1 no such user");
            assertThat(peer.mails()).hasSize(1);
        }
    }

    @Test
    void aGreylistedRecipientIsTriedAgainAlone() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (SmtpPeer peer = new SmtpPeer(command -> {
            if (command.startsWith("rcpt") && command.contains("slow@")) {
                seen.add(command);
                return seen.size() == 1 ? "451 4.7.1 greylisted, come back" : null;
            }
            return null;
        })) {
            assertThat(tell(
                            email(peer, Optional.empty(), "slow@example.com", "team@example.com"),
                            TestNotifications.failed()))
                    .isEmpty();
            assertThat(peer.mails()).hasSize(2);
            assertThat(peer.commands())
                    .filteredOn(command -> command.startsWith("RCPT"))
                    .containsExactly(
                            "RCPT TO:<slow@example.com>", "RCPT TO:<team@example.com>", "RCPT TO:<slow@example.com>");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "auth | 535 5.7.8 no mail-password here | the server refuses the login: 535 5.7.8 no [MASKED] here | 1",
                "mail | 550 5.7.1 not from you | the server does not take the mail: 550 5.7.1 not from you | 1",
                ". | 554 5.6.0 spam | the server does not take the mail: 554 5.6.0 spam | 1",
                ". | 452 4.3.1 full | the server does not take the mail: 452 4.3.1 full at attempt 4, after | 4",
                "connect | 421 4.3.2 closing | the server does not go on: 421 4.3.2 closing at attempt 4, after | 4",
                "connect | 554 5.7.1 go away | the server refuses: 554 5.7.1 go away | 1"
            })
    void whatAServerRefusesIsSaid(String at, String reply, String saw, int attempts) throws Exception {
        List<String> connections = new CopyOnWriteArrayList<>();
        try (SmtpPeer peer = new SmtpPeer(command -> {
            if (command.equals("connect")) {
                connections.add(command);
            }
            return command.startsWith(at) ? reply : null;
        })) {
            assertThat(tell(email(peer, Optional.of("mail-password")), TestNotifications.failed())
                            .orElseThrow())
                    .startsWith(saw);
            assertThat(connections).hasSize(attempts);
        }
    }

    @Test
    void aServerWithoutStarttlsIsRefusedBeforeAPasswordIsSaid() throws Exception {
        try (SmtpPeer peer = new SmtpPeer(_ -> null)) {
            NotifierSettings.Email plain = (NotifierSettings.Email) email(peer, Optional.of("mail-password"));
            assertThat(tell(
                            new NotifierSettings.Email(
                                    plain.server(),
                                    plain.port(),
                                    NotifierSettings.Email.Tls.STARTTLS,
                                    plain.login(),
                                    plain.from(),
                                    plain.to(),
                                    Optional.empty()),
                            TestNotifications.failed()))
                    .contains("the server offers no STARTTLS");
            assertThat(peer.commands()).noneMatch(command -> command.startsWith("AUTH"));
        }
    }

    @Test
    void theMaskerKnowsWhatWasRead() throws Exception {
        try (HttpPeer peer = new HttpPeer(HttpPeer.answers(200, "ok"))) {
            tell(slack(peer), TestNotifications.failed());
            assertThat(masker.mask("see " + peer.uri(SLACK_PATH))).isEqualTo("see [MASKED]");
        }
    }
}
