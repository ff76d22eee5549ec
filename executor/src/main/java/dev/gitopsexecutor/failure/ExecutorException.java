package dev.gitopsexecutor.failure;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The one exception of this program; libraries' own exceptions are translated in the package that owns the library. */
public final class ExecutorException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public ExecutorException(Failure failure) {
        this(failure, null);
    }

    public ExecutorException(Failure failure, @Nullable Throwable cause) {
        super("Cannot %s: %s [%s]".formatted(failure.tried(), failure.saw(), failure.code()), cause);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }

    public FailureCode code() {
        return failure.code();
    }

    public Blame blame() {
        return failure.code().blame();
    }
}
