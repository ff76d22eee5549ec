package dev.gitopsexecutor.target;

/** Makes one word of a POSIX shell out of any text; the only place where text becomes shell syntax. */
public final class ShellQuote {
    private ShellQuote() {}

    /** Throws {@link IllegalArgumentException} for NUL, which no argument can hold. */
    public static String quote(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a shell word cannot hold NUL");
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
