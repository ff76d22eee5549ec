package dev.gitopsexecutor.secrets;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;

/** The end of a stream that may still become a secret, with the parts of it that are known to be one. */
final class HeldBytes {
    private byte[] bytes = new byte[256];
    private int from;
    private int to;

    /** Where {@code bytes[0]} stands in the stream. */
    private long origin;

    /** Disjoint, in the order of the stream. */
    private final ArrayDeque<Secret> secrets = new ArrayDeque<>();

    private record Secret(long start, long end) {}

    /** Where released bytes go. */
    interface Sink {
        void pass(byte[] data, int offset, int length) throws IOException;

        void mask() throws IOException;
    }

    int length() {
        return to - from;
    }

    /** Whether no part of it is known to be a secret. */
    boolean isPlain() {
        return secrets.isEmpty();
    }

    byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    void clear() {
        origin += to;
        from = 0;
        to = 0;
        secrets.clear();
    }

    void append(byte b) {
        if (to == bytes.length) {
            makeRoom(1);
        }
        bytes[to++] = b;
    }

    void append(byte[] data, int offset, int length) {
        if (length > bytes.length - to) {
            makeRoom(length);
        }
        System.arraycopy(data, offset, bytes, to, length);
        to += length;
    }

    /** The last {@code length} bytes are secret; what they overlap becomes one with them. */
    void markEnd(int length) {
        long end = origin + to;
        long start = end - length;
        while (!secrets.isEmpty() && secrets.getLast().end() >= start) {
            start = Math.min(start, secrets.removeLast().start());
        }
        secrets.addLast(new Secret(start, end));
    }

    /** Hands over the first {@code count} bytes. */
    void release(int count, Sink sink) throws IOException {
        int until = from + count;
        while (from < until) {
            Secret secret = secrets.peekFirst();
            int plainEnd = secret == null ? until : Math.clamp(secret.start() - origin, from, until);
            sink.pass(bytes, from, plainEnd - from);
            from = plainEnd;
            if (secret != null && from < until) {
                sink.mask();
                from = (int) Math.min(secret.end() - origin, until);
                if (secret.end() == origin + from) {
                    secrets.removeFirst();
                }
            }
        }
        if (from == to && secrets.isEmpty()) {
            clear();
        }
    }

    private void makeRoom(int more) {
        int length = to - from;
        byte[] target = length + more > bytes.length / 2 ? new byte[(length + more) * 2] : bytes;
        System.arraycopy(bytes, from, target, 0, length);
        origin += from;
        bytes = target;
        from = 0;
        to = length;
    }
}
