package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.sshd.client.channel.ChannelDirectTcpip;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.jspecify.annotations.Nullable;

/** A host that proved who it is and let us in: one connection, many channels at once. */
public final class SshConnection implements AutoCloseable {
    private static final int MAX_OUTPUT = 4 * 1024 * 1024;
    private static final int MAX_ERROR = 64 * 1024;

    private final SshHost host;
    private final ClientSession session;

    SshConnection(SshHost host, ClientSession session) {
        this.host = host;
        this.session = session;
    }

    public SshHost host() {
        return host;
    }

    public boolean isOpen() {
        return session.isOpen();
    }

    /**
     * Blocks until the script has ended; its exit code is the caller's to judge.
     *
     * @throws ExecutorException {@code HOST_UNREACHABLE} when the connection ends first, {@code
     *     REMOTE_COMMAND_FAILED} when the deadline passes or the output is larger than 4 MiB
     */
    public RemoteResult run(RemoteScript script, RemoteInput input, Deadline deadline) {
        return run(script, input, deadline, MAX_OUTPUT);
    }

    /** As the other, with another limit of bytes. */
    public RemoteResult run(RemoteScript script, RemoteInput input, Deadline deadline, int maxOutput) {
        BoundedOutput output = new BoundedOutput(maxOutput);
        return run(script, input, deadline, output, output);
    }

    /**
     * As the other, for a script that tells how it gets on.
     *
     * @param heard gets each line of the output when it comes, without its end, on a thread that must not be kept; lines of
     *     more than 1000 bytes are left out
     */
    public RemoteResult run(RemoteScript script, RemoteInput input, Deadline deadline, Consumer<String> heard) {
        BoundedOutput output = new BoundedOutput(MAX_OUTPUT);
        return run(script, input, deadline, output, new HeardOutput(output, heard));
    }

    /** As the other; on request nobody waits for its end any more, and it throws {@code REMOTE_COMMAND_FAILED}. */
    public RemoteResult run(RemoteScript script, RemoteInput input, Deadline deadline, Cancellation cancellation) {
        BoundedOutput output = new BoundedOutput(MAX_OUTPUT);
        return run(script, input, deadline, output, output, cancellation);
    }

    private RemoteResult run(
            RemoteScript script, RemoteInput input, Deadline deadline, BoundedOutput output, OutputStream out) {
        return run(script, input, deadline, output, out, new Cancellation());
    }

    private RemoteResult run(
            RemoteScript script,
            RemoteInput input,
            Deadline deadline,
            BoundedOutput output,
            OutputStream out,
            Cancellation cancellation) {
        BoundedOutput error = new BoundedOutput(MAX_ERROR);
        try (ChannelExec channel = openChannel(script);
                Cancellation.Registration _ = cancellation.onRequest(() -> channel.close(true))) {
            channel.setOut(out);
            channel.setErr(error);
            channel.open().verify(deadline.remaining());
            send(channel, input);
            Set<ClientChannelEvent> events =
                    channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), deadline.remaining());
            if (events.contains(ClientChannelEvent.TIMEOUT)) {
                throw unfinished(script, "it did not end in time");
            }
            Integer exitCode = channel.getExitStatus();
            if (exitCode == null && cancellation.isRequested()) {
                throw unfinished(script, "the job was canceled");
            }
            if (exitCode == null) {
                throw lost(script, null);
            }
            if (output.overflowed()) {
                throw unfinished(script, "it sent more than %d bytes".formatted(output.limit()));
            }
            return new RemoteResult(exitCode, output.text(), error.text());
        } catch (IOException failed) {
            throw lost(script, failed);
        }
    }

    /** Not through {@code setIn}, which starts a thread for each channel. */
    private static void send(ChannelExec channel, RemoteInput input) {
        try (OutputStream stdin = channel.getInvertedIn()) {
            stdin.write(input.bytes());
        } catch (IOException ended) {
            // A script need not read all of it; how it ended is told in any case.
        }
    }

    /** A TCP connection from the host itself to {@code address}:{@code port}; blocks until it stands. */
    public Socket tunnel(String address, int port, Deadline deadline) throws IOException {
        ChannelDirectTcpip channel = channel(() -> session.createDirectTcpipChannel(
                SshdSocketAddress.LOCALHOST_ADDRESS, new SshdSocketAddress(address, port)));
        try {
            channel.open().verify(deadline.remaining());
        } catch (IOException failed) {
            channel.close(true);
            Optional<SshChannelOpenException> refused = refusal(failed);
            throw refused.isPresent() ? new IOException(refused.get().getMessage(), failed) : failed;
        }
        return new TunnelSocket(channel);
    }

    private static Optional<SshChannelOpenException> refusal(Throwable failed) {
        Throwable reason = failed;
        while (reason != null && !(reason instanceof SshChannelOpenException)) {
            reason = reason.getCause();
        }
        return Optional.ofNullable((SshChannelOpenException) reason);
    }

    /** Whether the host's sshd itself forbids such a connection; false when merely nobody listens there. */
    public boolean forbidsTunnel(String address, int port, Deadline deadline) {
        try (Socket _ = tunnel(address, port, deadline)) {
            return false;
        } catch (IOException failed) {
            return refusal(failed)
                    .filter(refused -> refused.getReasonCode() == SshConstants.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED)
                    .isPresent();
        }
    }

    ChannelExec openChannel(RemoteScript script) throws IOException {
        return channel(() -> session.createExecChannel(script.command()));
    }

    private static <C> C channel(Creation<C> creation) throws IOException {
        try {
            return creation.create();
        } catch (IllegalStateException ending) {
            // MINA's own word for a session that is just ending.
            throw new IOException("the session is ending", ending);
        }
    }

    private interface Creation<C> {
        C create() throws IOException;
    }

    ExecutorException unfinished(RemoteScript script, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.REMOTE_COMMAND_FAILED,
                "run %s on \"%s\"".formatted(script.name(), host.name()),
                host.endpoint(),
                saw,
                "Look at the host: its load, its disk and its Docker engine."));
    }

    ExecutorException lost(RemoteScript script, @Nullable Throwable cause) {
        String reason = cause == null ? "" : " (" + PlainText.sentence(String.valueOf(cause.getMessage())) + ")";
        return new ExecutorException(
                new Failure(
                        FailureCode.HOST_UNREACHABLE,
                        "run %s on \"%s\"".formatted(script.name(), host.name()),
                        host.endpoint(),
                        "the connection was lost" + reason,
                        "See whether the host is up and lets this machine reach its SSH port."),
                cause);
    }

    @Override
    public void close() {
        session.close(true);
    }
}
