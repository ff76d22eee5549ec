package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Cuts a stream of a locked shell into the answers of its scripts.
 *
 * <p>An answer ends in a line {@code <nonce> <id> <exit code>}; a script does not know the nonce, so it cannot forge one.
 */
final class FrameStream extends OutputStream {
    private static final int LONGEST_END_LINE = 200;

    private final String nonce;
    private final int limit;
    private final BlockingQueue<Optional<Frame>> frames = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean truncated;

    /** One answer; {@code body} is cut where it passes the limit. */
    record Frame(String id, int exitCode, String body, boolean truncated) {}

    /** {@code limit} of one body in bytes. */
    FrameStream(String nonce, int limit) {
        this.nonce = nonce;
        this.limit = limit;
    }

    /** Blocks; empty when time is up, throws when the stream has ended. */
    Optional<Frame> await(long millis) throws InterruptedException, EndedException {
        Optional<Frame> next = frames.poll(millis, TimeUnit.MILLISECONDS);
        if (next == null) {
            return Optional.empty();
        }
        if (next.isEmpty()) {
            frames.add(next);
            throw new EndedException();
        }
        return next;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (int index = offset; index < offset + length; index++) {
            line.write(bytes[index]);
            if (bytes[index] == '\n') {
                endLine();
            } else if (line.size() > LONGEST_END_LINE) {
                keep();
            }
        }
    }

    /** What arrived since the last answer. */
    synchronized String rest() {
        return body.toString(UTF_8) + line.toString(UTF_8);
    }

    @Override
    public void close() {
        frames.add(Optional.empty());
    }

    private void endLine() {
        String[] words =
                line.size() <= LONGEST_END_LINE ? line.toString(UTF_8).strip().split(" ", -1) : new String[0];
        if (words.length != 3 || !words[0].equals(nonce) || !words[2].matches("[0-9]{1,3}")) {
            keep();
            return;
        }
        line.reset();
        String text = body.toString(UTF_8);
        // The end line is written after a line break of its own, in case the script's last line had none.
        String output = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        frames.add(Optional.of(new Frame(words[1], Integer.parseInt(words[2]), output, truncated)));
        body = new ByteArrayOutputStream();
        truncated = false;
    }

    private void keep() {
        int room = Math.max(0, limit - body.size());
        truncated |= line.size() > room;
        body.write(line.toByteArray(), 0, Math.min(room, line.size()));
        line.reset();
    }

    /** The far end is gone. */
    static final class EndedException extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;
    }
}
