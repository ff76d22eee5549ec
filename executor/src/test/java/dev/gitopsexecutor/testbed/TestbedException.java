package dev.gitopsexecutor.testbed;

/** A part of the testbed did not do what it should; never the product's fault. */
public final class TestbedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TestbedException(String message) {
        super(message);
    }

    public TestbedException(String message, Throwable cause) {
        super(message, cause);
    }
}
