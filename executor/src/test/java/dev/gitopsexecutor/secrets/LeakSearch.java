package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Looks for secrets in every spelling that the masker knows, in whatever bytes. */
public final class LeakSearch {
    private static final int SHOWN_BEFORE = 120;

    private final List<String> spellings;
    private final Automaton automaton;

    public LeakSearch(String... secrets) {
        spellings = Arrays.stream(secrets)
                .flatMap(secret -> Encodings.of(secret, Masker.SHORTEST).stream())
                .distinct()
                .toList();
        automaton = new Automaton(spellings);
    }

    /** For a search by other means. */
    public List<String> spellings() {
        return spellings;
    }

    /** What stands at the first secret's end, for a message. */
    public Optional<String> in(String text) {
        try {
            return in(new ByteArrayInputStream(text.getBytes(UTF_8)));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** As {@link #in(String)}, of all that the stream has; does not close it. */
    public Optional<String> in(InputStream stream) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        byte[] seen = new byte[SHOWN_BEFORE];
        long count = 0;
        int state = Automaton.START;
        for (int length = stream.read(buffer); length >= 0; length = stream.read(buffer)) {
            for (int i = 0; i < length; i++) {
                seen[(int) (count++ % SHOWN_BEFORE)] = buffer[i];
                state = automaton.next(state, buffer[i]);
                if (automaton.longestMatch(state) > 0) {
                    return Optional.of(end(seen, count));
                }
            }
        }
        return Optional.empty();
    }

    private static String end(byte[] seen, long count) {
        int length = (int) Math.min(count, SHOWN_BEFORE);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = seen[(int) ((count - length + i) % SHOWN_BEFORE)];
        }
        return new String(text, ISO_8859_1);
    }
}
