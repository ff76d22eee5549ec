package dev.gitopsexecutor.failure;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One failure as its reader sees it.
 *
 * @param tried the act, as an infinitive without "to": {@code read the secret}
 * @param on the object of the act: {@code kv/shop/staging on https://vault.example.com}
 * @param saw what came back; may have several lines, never a secret
 * @param next the one thing to do now, as a sentence
 */
public record Failure(FailureCode code, String tried, String on, String saw, String next) {
    private static final int STACK_LINES = 12;

    public Failure {
        requireNonNull(code, "code is null");
        requireNonNull(tried, "tried is null");
        requireNonNull(on, "on is null");
        requireNonNull(saw, "saw is null");
        requireNonNull(next, "next is null");
    }

    /** What nobody foresaw, with enough of its stack to find it. */
    public static Failure internal(String tried, String on, Throwable bug) {
        String stack = Arrays.stream(bug.getStackTrace())
                .limit(STACK_LINES)
                .map(line -> "\nat " + line)
                .collect(Collectors.joining());
        return new Failure(
                FailureCode.INTERNAL,
                tried,
                on,
                bug + stack,
                "This is a bug of gitops-executor: report it with the lines above.");
    }

    /** The same failure as a block of lines for a terminal or a job log, ending in a newline. */
    public String block() {
        return """
                Cannot %s. [%s]
                  on:   %s
                  saw:  %s
                  next: %s
                """.formatted(tried, code, on, indented(saw), indented(next));
    }

    private static String indented(String text) {
        return text.strip().replace("\n", "\n        ");
    }
}
