package dev.gitopsexecutor.io;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The runner's wish that this stage ends: set once by SIGTERM, heard by whoever has something to stop. */
public final class Cancellation {
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean requested;

    /** Tells every listener, each on the calling thread; a second call does nothing. */
    public void request() {
        List<Runnable> told;
        synchronized (this) {
            if (requested) {
                return;
            }
            requested = true;
            told = List.copyOf(listeners);
        }
        told.forEach(Runnable::run);
    }

    public synchronized boolean isRequested() {
        return requested;
    }

    /** Blocks for {@code time} or until the request; true when it was requested. */
    public boolean await(Duration time) throws InterruptedException {
        CountDownLatch wish = new CountDownLatch(1);
        Registration listening = onRequest(wish::countDown);
        try {
            return wish.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            listening.close();
        }
    }

    /** Calls {@code listener} on request, or at once when it was requested already, until the result is closed. */
    public Registration onRequest(Runnable listener) {
        boolean late;
        synchronized (this) {
            late = requested;
            if (!late) {
                listeners.add(listener);
            }
        }
        if (late) {
            listener.run();
        }
        return () -> {
            synchronized (this) {
                listeners.remove(listener);
            }
        };
    }

    /** A listener that is still registered. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
