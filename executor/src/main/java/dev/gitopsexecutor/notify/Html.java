package dev.gitopsexecutor.notify;

/** HTML, as Telegram and mail programs take it. */
final class Html {
    private Html() {}

    /** For text and for attributes in double quotes; of names for characters, Telegram knows these four alone. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
