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
import java.util.TreeMap;

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

    /**
     * What {@link #render} was given; throws {@link IllegalArgumentException}, without any of its text, for whatever else is
     * in the file.
     */
    public static SortedMap<EnvKey, SecretValue> parse(SecretValue file) {
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        for (String line : file.reveal().lines().toList()) {
            int quote = line.indexOf("=\"");
            if (quote < 0 || !line.endsWith("\"") || line.length() < quote + 3) {
                throw foreign();
            }
            EnvKey key = new EnvKey(line.substring(0, quote));
            if (values.put(key, unescaped(line.substring(quote + 2, line.length() - 1))) != null) {
                throw foreign();
            }
        }
        return values;
    }

    private static SecretValue unescaped(String text) {
        StringBuilder value = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '$') {
                throw foreign();
            }
            if (c == '\\') {
                c = i + 1 < text.length() ? text.charAt(++i) : ' ';
                switch (c) {
                    case 'n' -> value.append('\n');
                    case 'r' -> value.append('\r');
                    case '\\', '"', '$' -> value.append(c);
                    default -> throw foreign();
                }
            } else {
                value.append(c);
            }
        }
        return SecretValue.of(value.toString());
    }

    private static IllegalArgumentException foreign() {
        return new IllegalArgumentException("not an env file as this program writes it");
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
