package dev.gitopsexecutor.sandbox;

/**
 * The threads that wait on the engine's socket.
 *
 * <p>Not virtual ones: the JVM would wait on their sockets in a native thread that never ends, and at exit it gives
 * threads in native code 300 ms to come back, at each of a job's processes.
 */
final class SocketThreads {
    private SocketThreads() {}

    static Thread start(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name(name).start(task);
    }
}
