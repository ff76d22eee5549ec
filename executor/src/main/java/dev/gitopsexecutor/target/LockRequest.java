package dev.gitopsexecutor.target;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A wish for the lock of one directory.
 *
 * @param directory on the host, absolute
 * @param token of this deploy: a holder with the same token is ours from before a lost connection, and is ended
 * @param silence after which the host takes us for gone and frees the lock
 * @param waiting hears now and then, as a phrase, who is being waited for
 */
public record LockRequest(
        String directory,
        String token,
        LockOwner owner,
        Deadline deadline,
        Duration silence,
        Cancellation cancellation,
        Consumer<String> waiting) {}
