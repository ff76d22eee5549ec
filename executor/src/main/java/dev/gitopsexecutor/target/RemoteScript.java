package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * A constant POSIX shell script that runs on a host; what varies reaches it on stdin as {@link RemoteInput}.
 *
 * @param name for messages
 */
public record RemoteScript(String name, String text) {
    private static final String PRELUDE = resource(RemoteScript.class, "prelude.sh");

    /**
     * Joins resources of the package of {@code owner} to one script, behind the prelude that all scripts share; its name
     * is that of the last.
     */
    public static RemoteScript load(Class<?> owner, String... resources) {
        StringBuilder text = new StringBuilder(PRELUDE);
        for (String resource : resources) {
            text.append(resource(owner, resource));
        }
        return new RemoteScript(resources[resources.length - 1], text.toString());
    }

    /** The command line for the login shell, which need not be a POSIX shell itself. */
    String command() {
        return "exec sh -c " + ShellQuote.quote(text) + " gitops";
    }

    private static String resource(Class<?> owner, String name) {
        try (InputStream stream = Objects.requireNonNull(owner.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
