package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.EnvKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The text of an env file, written so that Compose reads every value back exactly.
 *
 * <p>Every value stands in double quotes, the one form that can hold any text: within them Compose's parser undoes
 * {@code \\}, {@code \"}, {@code \$}, {@code \n} and {@code \r} and takes everything else as it is.
 *
 * @see <a href="https://github.com/compose-spec/compose-go/tree/main/dotenv">Compose's parser</a>
 */
public final class EnvFile {
    /** Linux refuses to start a process with a longer {@code KEY=value} (MAX_ARG_STRLEN, its final NUL included). */
    private static final int MAX_ENTRY_BYTES = 128 * 1024 - 1;

    private EnvFile() {}

    /** Refuses values that no env file can hold, naming the key of each. */
    public static SecretValue render(SortedMap<EnvKey, SecretValue> values) {
        StringBuilder text = new StringBuilder();
        List<String> refused = new ArrayList<>();
        for (Map.Entry<EnvKey, SecretValue> entry : values.entrySet()) {
            String value = entry.getValue().reveal();
            Optional<String> problem = problem(entry.getKey(), value);
            problem.ifPresent(reason -> refused.add(entry.getKey() + ": " + reason));
            text.append(entry.getKey()).append("=\"").append(escaped(value)).append("\"\n");
        }
        if (!refused.isEmpty()) {
            throw new ExecutorException(new Failure(
                    FailureCode.SECRET_REFUSED,
                    "write the env file",
                    "%d variables".formatted(values.size()),
                    String.join("\n", refused),
                    "Store the value in another form, for example as Base64, and decode it in the application."));
        }
        return SecretValue.of(text.toString());
    }

    /** The value as it stands between the double quotes. */
    static String escaped(String value) {
        StringBuilder text = new StringBuilder(value.length() + 16);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\', '"', '$' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                default -> text.append(c);
            }
        }
        return text.toString();
    }

    private static Optional<String> problem(EnvKey key, String value) {
        if (value.indexOf('\0') >= 0) {
            return Optional.of("the value contains a NUL character, which no environment variable can hold");
        }
        if (!UTF_8.newEncoder().canEncode(value)) {
            return Optional.of("the value is not valid Unicode text");
        }
        int bytes = key.value().length() + 1 + value.getBytes(UTF_8).length;
        if (bytes > MAX_ENTRY_BYTES) {
            return Optional.of(
                    "the variable has %d bytes, and Linux passes at most %d".formatted(bytes, MAX_ENTRY_BYTES));
        }
        return Optional.empty();
    }
}
