package dev.gitopsexecutor.target;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Lets so many connections begin at once as no server refuses: OpenSSH begins to drop those that have not logged in at the
 * tenth, by default, and many hosts may be reached through one address.
 *
 * @see <a href="https://man.openbsd.org/sshd_config#MaxStartups">MaxStartups</a>
 */
final class Handshakes {
    /** Each is some milliseconds of computing here. */
    private static final int IN_ALL = 32;

    private static final int PER_ADDRESS = 8;
    private static final Duration LONGEST_JITTER = Duration.ofMillis(50);

    private final Semaphore inAll = new Semaphore(IN_ALL);
    private final Map<Address, Semaphore> perAddress = new ConcurrentHashMap<>();

    private record Address(String name, int port) {}

    /** One that is under way; ends when it is closed. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Blocks until it is the turn of {@code host}. */
    Turn await(SshHost host) throws InterruptedIOException {
        Semaphore own =
                perAddress.computeIfAbsent(new Address(host.address(), host.port()), _ -> new Semaphore(PER_ADDRESS));
        try {
            if (!own.tryAcquire()) {
                own.acquire();
                // Those that waited were let go together, perhaps with those of another process.
                Thread.sleep(ThreadLocalRandom.current().nextLong(LONGEST_JITTER.toMillis()));
            }
            try {
                inAll.acquire();
            } catch (InterruptedException ended) {
                own.release();
                throw ended;
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("ended while it waited for its turn");
        }
        return () -> {
            inAll.release();
            own.release();
        };
    }
}
