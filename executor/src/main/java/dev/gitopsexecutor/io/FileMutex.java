package dev.gitopsexecutor.io;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Keeps other processes, and other threads of this one, out while a file is held. The kernel frees what a dead one held. */
public final class FileMutex implements AutoCloseable {
    private static final int TRIES = 500;
    private static final Duration PAUSE = Duration.ofMillis(20);
    /** A JVM refuses to lock a file twice, in place of waiting. */
    private static final Object THREADS = new Object();

    private final FileChannel channel;
    private final FileLock lock;

    private FileMutex(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** What is done while the file is held. */
    public interface Work<T> {
        T run(FileChannel channel) throws IOException;
    }

    /**
     * Creates the file, mode 0600, when it is not there. Waits for others, and not for ever: whoever is stopped in the midst
     * of it keeps nobody.
     *
     * @throws IOException also when another process has held the file for ten seconds
     */
    public static <T> T hold(Path file, Work<T> work) throws IOException {
        synchronized (THREADS) {
            try (FileChannel channel = open(file);
                    FileLock _ = await(channel)) {
                return work.run(channel);
            }
        }
    }

    /** Null when somebody else holds the file; for what takes long. */
    public static @Nullable FileMutex tryHold(Path file) throws IOException {
        FileChannel channel = open(file);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return null;
        }
        return new FileMutex(channel, lock);
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(CREATE, READ, WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static FileLock await(FileChannel channel) throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        throw new IOException("another process has held the file for %d s"
                .formatted(PAUSE.multipliedBy(TRIES).toSeconds()));
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
