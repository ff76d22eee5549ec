package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** Keeps the first bytes that a host sends and counts the rest, so that no host can fill our memory. */
final class BoundedOutput extends OutputStream {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int limit;
    private long received;

    BoundedOutput(int limit) {
        this.limit = limit;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        kept.write(bytes, offset, Math.min(length, limit - kept.size()));
        received += length;
    }

    int limit() {
        return limit;
    }

    synchronized boolean overflowed() {
        return received > limit;
    }

    synchronized String text() {
        return kept.toString(UTF_8);
    }
}
