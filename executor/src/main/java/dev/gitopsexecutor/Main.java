package dev.gitopsexecutor;

/** Maps arguments, environment and streams to an exit code; the only class that touches {@code System}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(2);
    }
}
