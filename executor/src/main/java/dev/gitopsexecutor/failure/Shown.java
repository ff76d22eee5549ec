package dev.gitopsexecutor.failure;

/** Foreign text as it may stand in a message: quoted, one line, nothing that steers a terminal, not long. */
public final class Shown {
    private static final int MAX_LENGTH = 100;

    private Shown() {}

    public static String quoted(String text) {
        return "\"" + plain(text) + "\"";
    }

    public static String plain(String text) {
        String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
        return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    }
}
