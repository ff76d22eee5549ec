package dev.gitopsexecutor.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A headless Chromium, driven through a pipe; it reaches no other machine.
 *
 * @see <a href="https://chromedevtools.github.io/devtools-protocol/">DevTools protocol</a>
 */
final class Browser {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final OutputStream requests;
    private final InputStream answers;
    private final List<JsonNode> events = new ArrayList<>();
    private String session = "";
    private int lastId;

    private Browser(Process process) {
        this.process = process;
        this.requests = process.getOutputStream();
        this.answers = process.getInputStream();
    }

    static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "chromium")));
    }

    /** Its profile is made in {@code profile}, an empty directory. */
    static Browser start(Path profile) throws IOException {
        // The protocol's pipe is on descriptors 3 and 4.
        String command = "exec chromium \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>\"$0\"";
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        command,
                        profile.resolve("messages").toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--host-resolver-rules=MAP * ~NOTFOUND",
                        "--remote-debugging-pipe",
                        "--user-data-dir=" + profile)
                .start();
        Browser browser = new Browser(process);
        browser.attach();
        return browser;
    }

    private void attach() {
        String target = call("Target.createTarget", it -> it.put("url", "about:blank"))
                .get("targetId")
                .asText();
        session = call("Target.attachToTarget", it -> it.put("targetId", target).put("flatten", true))
                .get("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network", "Audits")) {
            var _ = call(domain + ".enable", _ -> {});
        }
    }

    /** Blocks until the page is loaded; forgets what happened before. */
    void open(Path file, int width, String colorScheme) {
        var _ = call(
                "Emulation.setDeviceMetricsOverride",
                it -> it.put("width", width)
                        .put("height", 800)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", width < 500));
        var _ = call(
                "Emulation.setEmulatedMedia",
                it -> it.withArray("features")
                        .addObject()
                        .put("name", "prefers-color-scheme")
                        .put("value", colorScheme));
        events.clear();
        var _ = call("Page.navigate", it -> it.put("url", file.toUri().toString()));
        while (events("Page.loadEventFired").isEmpty()) {
            var _ = receive();
        }
    }

    /** What an expression of JavaScript is in the page, which itself needs none. */
    JsonNode evaluate(String expression) {
        JsonNode answer =
                call("Runtime.evaluate", it -> it.put("expression", expression).put("returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(answer.toString());
        }
        return answer.at("/result/value");
    }

    /** As PNG in Base64, the whole page. */
    String picture() {
        return call("Page.captureScreenshot", it -> it.put("captureBeyondViewport", true))
                .get("data")
                .asText();
    }

    /** What the page asked for. */
    List<String> requests() {
        return events("Network.requestWillBeSent").stream()
                .map(event -> event.at("/params/request/url").asText())
                .toList();
    }

    /** Errors, warnings and what the page's policy forbade. */
    List<String> complaints() {
        Predicate<JsonNode> complains = event -> switch (event.get("method").asText()) {
            case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded" -> true;
            default -> false;
        };
        return events.stream().filter(complains).map(JsonNode::toString).toList();
    }

    private List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.get("method").asText().equals(method))
                .toList();
    }

    private JsonNode call(String method, Consumer<ObjectNode> parameters) {
        ObjectNode request = JSON.createObjectNode().put("id", ++lastId).put("method", method);
        parameters.accept(request.putObject("params"));
        if (!session.isEmpty()) {
            request.put("sessionId", session);
        }
        try {
            requests.write((request + "\0").getBytes(UTF_8));
            requests.flush();
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
        while (true) {
            JsonNode answer = receive();
            if (answer.path("id").asInt() == lastId) {
                if (answer.has("error")) {
                    throw new IllegalStateException("%s: %s".formatted(method, answer.get("error")));
                }
                return answer.get("result");
            }
        }
    }

    private JsonNode receive() {
        try {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            for (int next = answers.read(); next != 0; next = answers.read()) {
                if (next < 0) {
                    throw new IOException("Chromium ended: " + process);
                }
                message.write(next);
            }
            JsonNode answer = JSON.readTree(message.toByteArray());
            if (answer.has("method")) {
                events.add(answer);
            }
            return answer;
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    /** Leaves no process behind. */
    void close() throws IOException, InterruptedException {
        session = "";
        try {
            var _ = call("Browser.close", _ -> {});
        } finally {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        }
    }
}
