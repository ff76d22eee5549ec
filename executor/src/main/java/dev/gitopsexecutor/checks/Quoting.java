package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.PlainText;
import java.io.IOException;
import java.util.function.UnaryOperator;

/**
 * Shows the beginning of foreign text: without secrets, on one line, at most 120 characters.
 *
 * @param mask takes secrets out; it comes before the cut, which would halve them
 */
record Quoting(UnaryOperator<String> mask) {
    private static final int LONGEST = 120;

    /** In quotes. */
    String quote(String text) {
        return "\"" + plain(text) + "\"";
    }

    String plain(String text) {
        String line = masked(mask.apply(text).replaceAll("\\s+", " ")).strip();
        return line.codePointCount(0, line.length()) <= LONGEST
                ? line
                : line.substring(0, line.offsetByCodePoints(0, LONGEST)) + "…";
    }

    /** Why there was no answer; the far end may have had a say in it. */
    String plain(IOException failed) {
        // Our own advice follows what may be long, and must not be cut.
        return masked(String.valueOf(failed.getMessage()));
    }

    /** Where a redirect leads. */
    String redirect(Answer answer) {
        return answer.location().isEmpty()
                ? "status %d to nowhere".formatted(answer.status())
                : "status %d to %s".formatted(answer.status(), quote(answer.location()));
    }

    /** What was asked; its query may hold a secret. */
    String url(Request request) {
        return masked(request.describe());
    }

    /** Before and after it is cleaned, since what is cleaned away may stand in the middle of a secret. */
    private String masked(String text) {
        return mask.apply(PlainText.line(mask.apply(text)));
    }
}
