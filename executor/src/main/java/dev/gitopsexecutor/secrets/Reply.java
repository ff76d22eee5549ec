package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import org.jspecify.annotations.Nullable;

/** What came of one request to Vault, after the tries that were worth it. */
sealed interface Reply<T> {

    /**
     * An answer to read.
     *
     * @param body as it came; may hold secrets, so it is searched for known phrases and never printed
     */
    record Answered<T>(int status, String body, T answer) implements Reply<T> {
        @Override
        public String toString() {
            return "Answered[%d]".formatted(status);
        }
    }

    /** A 4xx that the driver does not take for an answer; for {@code body} see {@link Answered}. */
    record Refused<T>(int status, String body) implements Reply<T> {
        @Override
        public String toString() {
            return "Refused[%d]".formatted(status);
        }
    }

    /** No answer of Vault's. */
    record Unavailable<T>(
            String saw,
            String next,
            boolean worthRetrying,
            @Nullable Throwable cause) implements Reply<T> {

        ExecutorException failure(String tried, String on) {
            return new ExecutorException(new Failure(FailureCode.VAULT_UNREACHABLE, tried, on, saw, next), cause);
        }
    }

    /** The body with which Vault refused, to search for known phrases; empty when it did not. */
    static String refusal(Reply<?> reply) {
        return switch (reply) {
            case Answered<?> answered -> answered.status() < 400 ? "" : answered.body();
            case Refused<?> refused -> refused.body();
            case Unavailable<?> _ -> "";
        };
    }

    static <T> Unavailable<T> notVault(int status) {
        return new Unavailable<>(
                "%d, with a body that is not Vault's".formatted(status),
                "Check `vault.address` in executor.yaml: something else answers there.",
                false,
                null);
    }
}
