package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces secrets by {@code [MASKED]} in everything we print, in the spellings that programs print them in.
 *
 * <p>Safe for several threads; a secret added while streams are open is masked in them from then on.
 */
public final class Masker {
    /** Shorter values are not masked: they would be found in innocent text. Whoever reads secrets refuses them. */
    public static final int SHORTEST = 8;

    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> spellings = new LinkedHashSet<>();
    private volatile @Nullable Automaton automaton;

    public void add(SecretValue secret) {
        add(secret.reveal());
    }

    public synchronized void add(String secret) {
        if (secret.length() >= SHORTEST && known.add(secret)) {
            spellings.addAll(Encodings.of(secret, SHORTEST));
            automaton = null;
        }
    }

    /**
     * A stream that masks on its way to {@code out}; closing it closes {@code out}.
     *
     * <p>It holds back only an end of the output that begins a secret, until the next bytes tell or it is closed; a
     * line that ends otherwise is passed on with the call that brought it. On closing, a secret that was cut off is
     * masked too when {@value #SHORTEST} of its characters are there.
     */
    public OutputStream wrap(OutputStream out) {
        return new MaskingStream(out, this::automaton);
    }

    /** The same for a whole text. */
    public String mask(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
        try (OutputStream stream = wrap(out)) {
            stream.write(text.getBytes(UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toString(UTF_8);
    }

    /** Built when it is first needed, so that many secrets in a row cost one building. */
    private Automaton automaton() {
        Automaton ready = automaton;
        if (ready != null) {
            return ready;
        }
        synchronized (this) {
            Automaton built = new Automaton(spellings);
            automaton = built;
            return built;
        }
    }
}
