package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.secrets.SecretValue;
import java.util.Base64;
import java.util.Collection;

/** The values of one script run, one per line in base64, so that no value can be taken for syntax or for two. */
public final class RemoteInput {
    private final StringBuilder lines = new StringBuilder();

    public RemoteInput add(Object value) {
        return line(value.toString());
    }

    public RemoteInput addAll(Collection<?> values) {
        values.forEach(this::add);
        return this;
    }

    public RemoteInput addSecret(SecretValue value) {
        return line(value.reveal());
    }

    public RemoteInput addBytes(byte[] value) {
        lines.append(Base64.getEncoder().encodeToString(value)).append('\n');
        return this;
    }

    byte[] bytes() {
        return lines.toString().getBytes(UTF_8);
    }

    private RemoteInput line(String text) {
        return addBytes(text.getBytes(UTF_8));
    }

    @Override
    public String toString() {
        return "[%d characters of input]".formatted(lines.length());
    }
}
