package dev.gitopsexecutor.io;

import java.util.List;
import java.util.regex.Pattern;

/** Foreign text as it may be printed: no escapes, no control characters, no endless lines. */
public final class PlainText {
    private static final Pattern ESCAPES = Pattern.compile(
            "\\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?|[@-Z\\\\-_])");
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\n]]");
    private static final int MAX_COLUMNS = 500;

    private PlainText() {}

    /** The last {@code limit} lines that are not blank, each at most 500 characters. */
    public static List<String> lastLines(String text, int limit) {
        List<String> lines = clean(text)
                .lines()
                .map(String::stripTrailing)
                .filter(line -> !line.isBlank())
                .map(PlainText::shortened)
                .toList();
        return lines.subList(Math.max(0, lines.size() - limit), lines.size());
    }

    /** The same text joined to one line, for use within a sentence. */
    public static String sentence(String text) {
        return shortened(String.join("; ", lastLines(text, 5)));
    }

    /** One line as it is, but for what no terminal should get; at most 500 characters. */
    public static String line(String text) {
        return shortened(clean(text).replace("\n", ""));
    }

    private static String clean(String text) {
        String lines = text.replace("\r\n", "\n").replace('\r', '\n').replace("\t", "    ");
        return CONTROLS.matcher(ESCAPES.matcher(lines).replaceAll("")).replaceAll("");
    }

    private static String shortened(String line) {
        return line.length() <= MAX_COLUMNS ? line : line.substring(0, MAX_COLUMNS) + "…";
    }
}
