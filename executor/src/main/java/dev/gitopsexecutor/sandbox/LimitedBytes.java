package dev.gitopsexecutor.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** Keeps the first bytes and drops the rest, so that a command can end whatever it prints. */
final class LimitedBytes extends OutputStream {
    private final int limit;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean overflowed;

    LimitedBytes(int limit) {
        this.limit = limit;
    }

    @Override
    public synchronized void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        int room = Math.min(length, limit - kept.size());
        kept.write(bytes, offset, room);
        overflowed |= room < length;
    }

    synchronized boolean overflowed() {
        return overflowed;
    }

    synchronized byte[] bytes() {
        return kept.toByteArray();
    }
}
