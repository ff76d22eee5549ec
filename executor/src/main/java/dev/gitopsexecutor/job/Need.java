package dev.gitopsexecutor.job;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.policy.Allowed;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a job does without once the glass is broken: in need a release matters more than what is known of it, or written.
 *
 * @param isGreat whether it goes on without
 */
record Need(boolean isGreat, JobLog log) {

    static Need of(Allowed allowed, JobLog log) {
        return new Need(allowed.brokenGlass().isPresent(), log);
    }

    /**
     * Throws what {@code work} throws, unless the need is great: then that is a warning.
     *
     * @param loss what the job goes on without, in a sentence
     */
    <T> Optional<T> orWithout(Supplier<T> work, String loss) {
        try {
            return Optional.of(work.get());
        } catch (ExecutorException failed) {
            if (!isGreat) {
                throw failed;
            }
            log.warning(loss + "\n" + failed.failure().block());
            return Optional.empty();
        }
    }
}
