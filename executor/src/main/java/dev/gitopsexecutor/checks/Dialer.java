package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.Socket;

/** Opens a TCP connection as the host under check sees the network. */
public interface Dialer {
    /** Blocks until connected. */
    Socket dial(String address, int port, Deadline deadline) throws IOException;
}
