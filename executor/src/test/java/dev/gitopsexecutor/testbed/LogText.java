package dev.gitopsexecutor.testbed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** A log that is written by several threads and can be waited on; a copy goes on to somebody who watches. */
public final class LogText {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final OutputStream copy;
    private boolean closed;

    LogText(OutputStream copy) {
        this.copy = copy;
    }

    void line(String text) {
        append(StandardCharsets.UTF_8.encode(text + "\n"));
    }

    void append(ByteBuffer chunk) {
        lock.lock();
        try {
            bytes.write(chunk.array(), chunk.arrayOffset() + chunk.position(), chunk.remaining());
            copy.write(chunk.array(), chunk.arrayOffset() + chunk.position(), chunk.remaining());
            copy.flush();
            changed.signalAll();
        } catch (IOException nobodyWatches) {
            throw new UncheckedIOException(nobodyWatches);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will come: whoever waits is let go. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public String text() {
        return text(StandardCharsets.UTF_8);
    }

    String text(Charset charset) {
        lock.lock();
        try {
            return bytes.toString(charset);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until the text so far fits, the log is closed or the time is over.
     *
     * @return whether it fits now
     */
    public boolean await(Predicate<String> fits, Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long nanos = atMost.toNanos();
            while (!fits.test(text()) && !closed && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return fits.test(text());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until the text so far fits.
     *
     * @throws TestbedException when that never happens
     */
    void awaitOrThrow(Predicate<String> fits) throws InterruptedException {
        if (!await(fits, Duration.ofMinutes(2))) {
            throw new TestbedException("the awaited moment never came; the log:\n" + text());
        }
    }
}
