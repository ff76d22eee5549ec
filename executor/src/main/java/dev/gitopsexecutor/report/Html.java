package dev.gitopsexecutor.report;

import java.net.URI;
import java.util.Locale;

/** Markup with everything in it escaped that is not markup. */
final class Html {
    private final SafeText shown;
    private final StringBuilder markup = new StringBuilder(64 * 1024);

    Html(SafeText shown) {
        this.shown = shown;
    }

    /** Markup of ours, as it is. */
    Html raw(String ours) {
        markup.append(ours);
        return this;
    }

    Html raw(long number) {
        markup.append(number);
        return this;
    }

    /** Foreign text, as one line. */
    Html text(Object foreign) {
        return escaped(shown.line(foreign.toString()));
    }

    /** Foreign text of several lines. */
    Html block(String foreign) {
        return escaped(shown.block(foreign));
    }

    /** Foreign text, as one line of at most {@code length} characters. */
    Html text(String foreign, int length) {
        String line = shown.line(foreign);
        return escaped(
                line.length() <= length ? line : line.substring(0, length - 1).stripTrailing() + "…");
    }

    /** A link, or its text alone where it is no web page. */
    Html link(URI target, String text) {
        String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            return text(text);
        }
        return raw("<a rel=\"noreferrer\" href=\"")
                .text(target)
                .raw("\">")
                .text(text)
                .raw("</a>");
    }

    private Html escaped(String text) {
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            switch (character) {
                case '&' -> markup.append("&amp;");
                case '<' -> markup.append("&lt;");
                case '>' -> markup.append("&gt;");
                case '"' -> markup.append("&quot;");
                case '\'' -> markup.append("&#39;");
                default -> markup.append(character);
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return markup.toString();
    }
}
