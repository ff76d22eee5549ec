package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is on one of the {@link FakeHosts}: releases, the current link, containers, the lock. All methods are safe for threads. */
public final class FakeHost {
    private static final Pattern IMAGE = Pattern.compile("\"([^\"]+)\":\\s+image: \"([^\"]+)\"");

    private final String name;
    private final String address;
    private final Map<String, Map<String, String>> releases = new TreeMap<>();
    private final Map<String, Container> containers = new LinkedHashMap<>();
    private final Map<String, Supplier<Optional<Answer>>> surprises = new LinkedHashMap<>();
    private final List<String> ran = new ArrayList<>();
    private @Nullable String current;
    private @Nullable String highWater;
    private @Nullable String crashing;
    private @Nullable Object holder;
    private String owner = "";

    /** What a script answers. */
    public record Answer(int exitCode, String output, String error) {}

    private record Container(String service, String image, String status, Instant started) {
        Container exited() {
            return new Container(service, image, "exited", started);
        }

        String json() {
            return """
                    {"id":"%1$s-1","name":"/%1$s-1","service":"%1$s","image":"%2$s","restarts":0,\
                    "state":{"Status":"%3$s","ExitCode":%4$d,"OOMKilled":false,"StartedAt":"%5$s"}}""".formatted(service, imageId(), status, status.equals("running") ? 0 : 1, started);
        }

        String imageJson() {
            String[] words = image.split("@", -1);
            String repository = words[0].replaceFirst(":[^:/]*$", "");
            return "{\"id\":\"%s\",\"digests\":[\"%s@%s\"]}".formatted(imageId(), repository, words[words.length - 1]);
        }

        String tag() {
            return image.replaceFirst("@.*", "").replaceFirst(".*:", "");
        }

        private String imageId() {
            return "sha256:" + Sha256.hex(image);
        }
    }

    FakeHost(String name, String address) {
        this.name = name;
        this.address = address;
    }

    public String name() {
        return name;
    }

    public String address() {
        return address;
    }

    /** Before the script of that file name runs for the next time, which then answers what {@code surprise} returns, if anything. */
    public synchronized void before(String script, Supplier<Optional<Answer>> surprise) {
        surprises.put(script, surprise);
    }

    /** Makes the script fail when it runs for the next time. */
    public void failAt(String script) {
        before(script, () -> Optional.of(new Answer(1, "", "as the test wants it\n")));
    }

    /** The image with that tag ends as soon as it is started. */
    public synchronized void crashesWith(String tag) {
        crashing = tag;
    }

    /** Every container ends with exit code 1. */
    public synchronized void crash() {
        containers.replaceAll((service, container) -> container.exited());
    }

    /** The release that the link names; empty without a link. */
    public synchronized String current() {
        return current == null ? "" : current;
    }

    /** The tag of the image that its container has; empty without one. */
    public synchronized String version() {
        return containers.values().stream().map(Container::tag).findFirst().orElse("");
    }

    synchronized boolean isWell() {
        return containers.values().stream()
                .allMatch(container -> container.status().equals("running"));
    }

    /** Whether the record of the current release says that it was proven. */
    public synchronized boolean isVerified() {
        return Optional.ofNullable(releases.get(current()))
                .map(files -> files.getOrDefault("release.json", ""))
                .filter(record -> record.contains("\"verified\""))
                .isPresent();
    }

    /** The releases on disk. */
    public synchronized List<String> releases() {
        return List.copyOf(releases.keySet());
    }

    /** The file names of the scripts that ran, in that order. */
    public synchronized List<String> ran() {
        return List.copyOf(ran);
    }

    public synchronized boolean isLocked() {
        return holder != null;
    }

    synchronized boolean lock(Object by, String record) {
        if (holder != null && !holder.equals(by)) {
            return false;
        }
        holder = by;
        owner = record;
        return true;
    }

    synchronized void unlock(Object by) {
        if (by.equals(holder)) {
            holder = null;
            owner = "";
        }
    }

    synchronized String owner() {
        return owner;
    }

    Answer run(String script, List<String> input) {
        Supplier<Optional<Answer>> surprise;
        synchronized (this) {
            ran.add(script);
            surprise = surprises.remove(script);
        }
        Optional<Answer> surprising = surprise == null ? Optional.empty() : surprise.get();
        return surprising.orElseGet(() -> answer(script, input));
    }

    private synchronized Answer answer(String script, List<String> input) {
        return switch (script) {
            case "preflight.sh" -> ok("fact engine 26.1.5\nfact compose 2.26.1\nfact free_kib 100000000\n");
            case "pull.sh" ->
                ok(String.join(
                        "",
                        input.stream().skip(2).map("present %s\n"::formatted).toList()));
            case "compose-check.sh" -> ok(composeCheck(input.get(2)));
            case "state.sh" -> ok(state());
            case "containers.sh" -> ok(containers());
            case "install.sh" -> install(input);
            case "activate.sh" -> activate(input);
            case "commit.sh" -> write(input.get(1), "release.json", input.get(2));
            case "conclude.sh" -> conclude(input);
            case "retire.sh" -> retire(input.get(1));
            case "remove-services.sh", "abandon.sh" -> remove(script, input);
            case "logs.sh" -> ok("2026-01-01 a line of its log\n");
            default -> new Answer(127, "", script + " is not known to FakeHost\n");
        };
    }

    private String composeCheck(String override) {
        StringBuilder output = new StringBuilder();
        images(override).keySet().forEach(service -> output.append("service %s%n".formatted(service)));
        return output + "directory /tmp/compose\n" + config(override, "");
    }

    private static String config(String override, String env) {
        StringBuilder variables = new StringBuilder();
        EnvFile.parse(SecretValue.of(env))
                .forEach((key, value) -> variables
                        .append(variables.isEmpty() ? "" : ",")
                        .append("\"%s\":\"%s\"".formatted(key, value.reveal().replace("$", "$$"))));
        List<String> services = images(override).keySet().stream()
                .map(service -> "\"%s\":{\"environment\":{%s}}".formatted(service, variables))
                .toList();
        return "{\"services\":{%s}}%n".formatted(String.join(",", services));
    }

    private static Map<String, String> images(String override) {
        Map<String, String> images = new LinkedHashMap<>();
        Matcher matcher = IMAGE.matcher(override);
        while (matcher.find()) {
            images.put(matcher.group(1), matcher.group(2));
        }
        return images;
    }

    private String state() {
        StringBuilder output = new StringBuilder();
        if (current != null) {
            output.append("current %s%n".formatted(current));
            Map<String, String> files = releases.getOrDefault(current, Map.of());
            for (String file : List.of("compose.yaml", "compose.override.yaml", ".env")) {
                output.append("file %s %s%n".formatted(file, Sha256.hex(files.getOrDefault(file, ""))));
            }
            // Of an empty directory.
            output.append("file files %s%n".formatted(Sha256.hex(".\n")));
        }
        releases.values()
                .forEach(files ->
                        output.append("release %s%n".formatted(base64(files.getOrDefault("release.json", "")))));
        if (highWater != null) {
            output.append("high-water %s%n".formatted(base64(highWater)));
        }
        for (Map<String, String> files : releases.values()) {
            images(files.getOrDefault("compose.override.yaml", ""))
                    .values()
                    .forEach(image -> output.append("have %s%n".formatted(image.replaceFirst(":([^:/@]*)@", " $1 "))));
        }
        return output + containers();
    }

    private String containers() {
        StringBuilder output = new StringBuilder();
        containers.values().forEach(container -> output.append("container %s%n".formatted(container.json())));
        output.append("now %s%n".formatted(Instant.now()));
        containers.values().forEach(container -> output.append("image %s%n".formatted(container.imageJson())));
        return output.toString();
    }

    private Answer install(List<String> input) {
        releases.put(
                input.get(2),
                new TreeMap<>(Map.of(
                        "compose.yaml", input.get(3),
                        "compose.override.yaml", input.get(4),
                        ".env", input.get(5),
                        "release.json", input.getLast())));
        return ok(config(input.get(4), input.get(5)));
    }

    private Answer activate(List<String> input) {
        String release = input.get(2);
        // What is to be noted of a schema takes one line more; none of these releases has a job.
        List<String> services = input.subList(input.get(3).isEmpty() ? 5 : 6, input.size());
        Map<String, String> files = releases.get(release);
        if (files == null) {
            return new Answer(4, "", release + " is gone\n");
        }
        current = release;
        Map<String, String> images = images(files.getOrDefault("compose.override.yaml", ""));
        for (String service : services) {
            String image = images.getOrDefault(service, "");
            Container old = containers.get(service);
            if (old == null || !old.image().equals(image) || !old.status().equals("running")) {
                Container started = new Container(service, image, "running", Instant.now());
                containers.put(service, started.tag().equals(crashing) ? started.exited() : started);
            }
        }
        return ok("");
    }

    private Answer write(String release, String file, String content) {
        releases.computeIfAbsent(release, id -> new TreeMap<>()).put(file, content);
        return ok("");
    }

    private Answer conclude(List<String> input) {
        highWater = input.get(1);
        input.subList(2, input.size()).forEach(releases::remove);
        return ok("");
    }

    private Answer retire(String release) {
        releases.remove(release);
        return ok("");
    }

    private Answer remove(String script, List<String> input) {
        input.subList(3, input.size()).forEach(containers::remove);
        if (script.equals("abandon.sh")) {
            current = null;
        }
        return ok("");
    }

    private static Answer ok(String output) {
        return new Answer(0, output, "");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
