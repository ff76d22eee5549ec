package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Waits for servers. */
final class Listening {
    private Listening() {}

    /** Blocks until somebody listens at that loopback port. */
    static void await(String name, int port) {
        Awaitility.await(name)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> listens(port));
    }

    private static boolean listens(int port) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }
}
