package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a host has to work with, proven fit for a deploy.
 *
 * @param fullImageDisk why no image can be pulled, if so: a deploy may do without
 */
public record HostFacts(
        String engineVersion, String composeVersion, long freeKibibytes, Optional<String> fullImageDisk) {
    private static final RemoteScript PREFLIGHT = RemoteScript.load(HostFacts.class, "preflight.sh");
    private static final Pattern COMPOSE = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4}).*");
    /** The first with {@code up --pull never}, {@code --no-deps} and JSON of the merged environment as we read it. */
    private static final int OLDEST_COMPOSE_2 = 20;

    private static final long LEAST_FREE_KIBIBYTES = 200L * 1024;
    private static final long LEAST_FREE_FOR_IMAGES = 512L * 1024;

    /** Blocks; throws {@code HOST_UNSUITABLE} with every problem at once. */
    public static HostFacts of(SshConnection connection, String directory, Deadline deadline) {
        RemoteResult result = connection.run(PREFLIGHT, new RemoteInput().add(directory), deadline);
        List<String> problems = new ArrayList<>();
        Map<String, String> facts = new HashMap<>();
        for (String line : PlainText.lastLines(result.output(), 200)) {
            String[] words = line.split(" ", 3);
            if (line.startsWith("problem ")) {
                problems.add(line.substring("problem ".length()));
            } else if (words.length == 3 && words[0].equals("fact")) {
                facts.put(words[1], words[2]);
            }
        }
        addTooOld(facts.get("compose"), problems);
        long free = number(facts.getOrDefault("free_kib", ""));
        if (facts.containsKey("free_kib") && free < LEAST_FREE_KIBIBYTES) {
            problems.add(
                    "%s has %d MiB free, %d are needed".formatted(directory, free / 1024, LEAST_FREE_KIBIBYTES / 1024));
        }
        if (!result.succeeded()) {
            problems.add(
                    "the preflight ended in %d: %s".formatted(result.exitCode(), PlainText.sentence(result.error())));
        }
        if (!problems.isEmpty()) {
            throw unsuitable(connection.host(), problems);
        }
        return new HostFacts(
                facts.getOrDefault("engine", "?"), facts.getOrDefault("compose", "?"), free, fullImageDisk(facts));
    }

    /** For the job log. */
    public String describe() {
        return "Docker %s, Compose %s, %d MiB free".formatted(engineVersion, composeVersion, freeKibibytes / 1024);
    }

    private static Optional<String> fullImageDisk(Map<String, String> facts) {
        return Optional.ofNullable(facts.get("docker_free_kib"))
                .map(HostFacts::number)
                .filter(free -> free < LEAST_FREE_FOR_IMAGES)
                .map(free -> "%s, where Docker keeps images, has %d MiB free, %d are needed"
                        .formatted(facts.get("docker_root"), free / 1024, LEAST_FREE_FOR_IMAGES / 1024));
    }

    private static void addTooOld(@Nullable String compose, List<String> problems) {
        Matcher version = COMPOSE.matcher(compose == null ? "" : compose);
        if (compose != null
                && (!version.matches()
                        || number(version.group(1)) < 2
                        || (number(version.group(1)) == 2 && number(version.group(2)) < OLDEST_COMPOSE_2))) {
            problems.add("Docker Compose is %s, 2.%d or newer is needed".formatted(compose, OLDEST_COMPOSE_2));
        }
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    private static ExecutorException unsuitable(SshHost host, List<String> problems) {
        return new ExecutorException(new Failure(
                FailureCode.HOST_UNSUITABLE,
                "use \"%s\" as a target".formatted(host.name()),
                host.endpoint(),
                String.join("\n", problems),
                "Put the host right (%s) and retry the job; nothing was changed."
                        .formatted(problems.size() == 1 ? "one problem" : problems.size() + " problems")));
    }
}
