package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/** One stream on its way through the {@link Masker}. */
final class MaskingStream extends OutputStream implements HeldBytes.Sink {
    private static final byte[] MASK = "[MASKED]".getBytes(US_ASCII);
    private static final int READY_SIZE = 16 * 1024;

    private final OutputStream out;
    private final Supplier<Automaton> newest;
    private final HeldBytes held = new HeldBytes();
    private final byte[] ready = new byte[READY_SIZE];
    private int readyLength;
    private Automaton automaton;
    private int state = Automaton.START;

    /** Whether the last thing passed on is a mask, which a following secret byte only continues. */
    private boolean inMask;

    MaskingStream(OutputStream out, Supplier<Automaton> newest) {
        this.out = out;
        this.newest = newest;
        this.automaton = newest.get();
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] data, int offset, int length) throws IOException {
        takeNewest();
        int end = offset + length;
        int i = offset;
        // Where what is held began, as far as it is in this data.
        int begin = offset - 1;
        while (i < end) {
            if (state == Automaton.START) {
                int stop = automaton.skipAtStart(data, i, end);
                pass(data, i, stop - i);
                i = stop;
                begin = i;
            }
            if (i < end) {
                feed(data[i++]);
                i = follow(data, i, end);
                int depth = automaton.depth(state);
                // Nearly every byte begins some secret: to look from there on by windows is faster than by states.
                if (depth > 0 && depth < Automaton.WINDOW && i - depth > begin && held.isPlain()) {
                    held.clear();
                    state = Automaton.START;
                    i -= depth;
                }
            }
        }
        writeReady();
    }

    /** Passes on nothing that is held: it still begins a secret. */
    @Override
    public synchronized void flush() throws IOException {
        out.flush();
    }

    @Override
    public synchronized void close() throws IOException {
        if (held.length() >= Masker.SHORTEST) {
            held.markEnd(held.length());
        }
        held.release(held.length(), this);
        writeReady();
        out.close();
    }

    /** Reads the held bytes again when a secret was added meanwhile: it may begin in them. */
    private void takeNewest() throws IOException {
        Automaton latest = newest.get();
        if (latest == automaton) {
            return;
        }
        byte[] again = held.copy();
        held.clear();
        automaton = latest;
        state = Automaton.START;
        for (byte b : again) {
            feed(b);
        }
    }

    /** Reads on while one text goes on and does not end: all of it stays held. Returns where that is over. */
    private int follow(byte[] data, int from, int to) {
        int i = from;
        while (i < to && state != Automaton.START) {
            int child = automaton.child(state, data[i]);
            if (child == Automaton.START || automaton.longestMatch(child) > 0) {
                break;
            }
            state = child;
            i++;
        }
        held.append(data, from, i - from);
        return i;
    }

    private void feed(byte b) throws IOException {
        held.append(b);
        state = automaton.next(state, b);
        int matched = automaton.longestMatch(state);
        if (matched > 0) {
            held.markEnd(matched);
        }
        int decided = held.length() - automaton.depth(state);
        if (decided > 0) {
            held.release(decided, this);
        }
    }

    @Override
    public void mask() throws IOException {
        if (!inMask) {
            append(MASK, 0, MASK.length);
            inMask = true;
        }
    }

    @Override
    public void pass(byte[] data, int offset, int length) throws IOException {
        if (length > 0) {
            inMask = false;
            append(data, offset, length);
        }
    }

    private void append(byte[] data, int offset, int length) throws IOException {
        if (length > ready.length - readyLength) {
            writeReady();
        }
        if (length > ready.length) {
            out.write(data, offset, length);
            return;
        }
        System.arraycopy(data, offset, ready, readyLength, length);
        readyLength += length;
    }

    private void writeReady() throws IOException {
        if (readyLength > 0) {
            out.write(ready, 0, readyLength);
            readyLength = 0;
        }
    }
}
