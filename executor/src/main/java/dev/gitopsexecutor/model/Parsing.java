package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** What the values of this package have in common: a pattern that the whole text must match. */
final class Parsing {
    private Parsing() {}

    /** Returns {@code text}; throws {@link IllegalArgumentException} with {@code expected} when it does not match. */
    static String matching(Pattern pattern, String text, String expected) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException("\"%s\" is not %s".formatted(shown(text), expected));
        }
        return text;
    }

    /** Foreign text as it may be printed: one line, no control characters, at most 80 characters. */
    private static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 80 ? clean : clean.substring(0, 80) + "…";
    }
}
