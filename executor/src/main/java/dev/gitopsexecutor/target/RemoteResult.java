package dev.gitopsexecutor.target;

/** What a command on a host left behind; its output may hold secrets, so it prints its size alone. */
public final class RemoteResult {
    private final int exitCode;
    private final String output;
    private final String error;

    RemoteResult(int exitCode, String output, String error) {
        this.exitCode = exitCode;
        this.output = output;
        this.error = error;
    }

    public int exitCode() {
        return exitCode;
    }

    public boolean succeeded() {
        return exitCode == 0;
    }

    /** Standard output as it came, not yet fit for a log. */
    public String output() {
        return output;
    }

    /** Standard error as it came, not yet fit for a log. */
    public String error() {
        return error;
    }

    /** The same with another text as its standard error. */
    public RemoteResult withError(String text) {
        return new RemoteResult(exitCode, output, text);
    }

    @Override
    public String toString() {
        return "exit code %d, %d characters of output, %d of error"
                .formatted(exitCode, output.length(), error.length());
    }
}
