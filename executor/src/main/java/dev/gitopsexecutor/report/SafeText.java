package dev.gitopsexecutor.report;

import java.util.function.UnaryOperator;

/** Texts as a reader may get them: without secrets, without what steers how the rest of a page looks, and not endless. */
final class SafeText {
    private static final int MAX_LINE = 300;
    private static final int MAX_BLOCK = 8 * 1024;
    private static final char REPLACEMENT = '\uFFFD';

    private final UnaryOperator<String> mask;

    SafeText(UnaryOperator<String> mask) {
        this.mask = mask;
    }

    /** One line. */
    String line(String text) {
        return harmless(cut(mask.apply(text).strip(), MAX_LINE), false);
    }

    /** Lines as they are. */
    String block(String text) {
        String lines = cut(mask.apply(text).strip(), MAX_BLOCK);
        return harmless(lines.replace("\r\n", "\n").replace("\t", "    "), true);
    }

    private static String harmless(String text, boolean isBlock) {
        StringBuilder harmless = new StringBuilder(text.length());
        text.codePoints()
                .map(character -> isBlock || !Character.isWhitespace(character) ? character : ' ')
                .forEach(character ->
                        harmless.appendCodePoint(isHarmless(character) || character == '\n' ? character : REPLACEMENT));
        return harmless.toString();
    }

    /** Right-to-left marks and the like are among the format characters. */
    private static boolean isHarmless(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        // Between the two halves of a character nobody cuts.
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end) + "…";
    }
}
