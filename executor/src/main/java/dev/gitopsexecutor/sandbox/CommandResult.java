package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

/** What a command inside a container left behind. */
public final class CommandResult {
    private final int exitCode;
    private final byte[] stdout;
    private final String stderr;

    CommandResult(int exitCode, byte[] stdout, String stderr) {
        this.exitCode = exitCode;
        this.stdout = stdout.clone();
        this.stderr = stderr;
    }

    public int exitCode() {
        return exitCode;
    }

    /** The bytes as they came. */
    public byte[] stdout() {
        return stdout.clone();
    }

    /** The output as text; bytes that are not UTF-8 become U+FFFD. */
    public String text() {
        return new String(stdout, UTF_8);
    }

    /** At most 8 KiB of it. */
    public String stderr() {
        return stderr;
    }
}
