package dev.gitopsexecutor.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.util.Arrays;

/** Keeps the end of what is written to it. Safe for several threads. */
public final class TailBytes extends OutputStream {
    private final byte[] ring;
    private long written;

    /** @param limit of what is kept */
    public TailBytes(int limit) {
        ring = new byte[limit];
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (int index = Math.max(0, length - ring.length); index < length; index++) {
            ring[(int) ((written + index) % ring.length)] = bytes[offset + index];
        }
        written += length;
    }

    /** What is kept as UTF-8, without the line that was cut, if one was: half a secret is found by nobody. */
    public synchronized String wholeLines() {
        String text = new String(bytes(), UTF_8);
        return written <= ring.length ? text : text.contains("\n") ? text.substring(text.indexOf('\n') + 1) : "";
    }

    /** In the order in which they came. */
    private byte[] bytes() {
        if (written <= ring.length) {
            return Arrays.copyOf(ring, (int) written);
        }
        int start = (int) (written % ring.length);
        byte[] ordered = new byte[ring.length];
        System.arraycopy(ring, start, ordered, 0, ring.length - start);
        System.arraycopy(ring, 0, ordered, ring.length - start, start);
        return ordered;
    }
}
