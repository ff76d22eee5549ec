package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.target.FrameStream.EndedException;
import dev.gitopsexecutor.target.FrameStream.Frame;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;

/** A shell on a host that holds the lock of a directory; what it runs can only run while the lock is held. */
public final class LockedShell implements AutoCloseable {
    private static final RemoteScript LOCK = RemoteScript.load(LockedShell.class, "lock.sh");
    private static final int MAX_OUTPUT = 4 * 1024 * 1024;
    private static final int MAX_ERROR = 64 * 1024;
    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(20);
    private static final int SIGNS_OF_LIFE_PER_SILENCE = 4;
    /** What {@code lock.sh} answers instead of running a script that comes too late; no program ends with it. */
    private static final int FENCED = 300;
    /** The exit code of {@code lock.sh} when it heard no sign of life. */
    private static final int SILENT = 124;

    /** The exit code of {@code lock.sh} when it found, between two scripts, that the lock is not its own any more. */
    private static final int GAVE_UP = 1;

    private static final Duration UNTIL_TOLD = Duration.ofSeconds(2);

    private final SshConnection connection;
    private final ChannelExec channel;
    private final FrameStream output;
    private final FrameStream error;
    private final Thread heart;
    private final Duration silence;
    private volatile boolean lost;
    private int scripts;

    private LockedShell(
            SshConnection connection, ChannelExec channel, FrameStream output, FrameStream error, LockRequest request) {
        this.connection = connection;
        this.channel = channel;
        this.output = output;
        this.error = error;
        this.silence = request.silence();
        this.heart = Thread.ofVirtual().unstarted(() -> beat(request.silence()));
    }

    /**
     * Blocks until the lock is ours.
     *
     * @throws ExecutorException {@code LOCK_HELD} when the deadline passes first, {@code CANCELED}, {@code
     *     HOST_UNREACHABLE}, or {@code HOST_UNSUITABLE} when the directory cannot be locked at all
     */
    public static LockedShell acquire(SshConnection connection, LockRequest request) throws InterruptedException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String nonce = HexFormat.of().formatHex(random);
        FrameStream output = new FrameStream(nonce, MAX_OUTPUT);
        FrameStream error = new FrameStream(nonce, MAX_ERROR);
        RemoteInput input = new RemoteInput()
                .add(nonce)
                .add(request.directory())
                .add(request.token())
                .add(request.deadline().remaining().plusMillis(999).toSeconds())
                .add(request.silence().toSeconds())
                .add(request.owner().json());
        try {
            ChannelExec channel = connection.openChannel(LOCK);
            LockedShell shell = new LockedShell(connection, channel, output, error, request);
            try {
                channel.setOut(output);
                channel.setErr(error);
                channel.addCloseFutureListener(closed -> shell.end());
                channel.open().verify(Duration.ofSeconds(15));
                shell.send(input.bytes());
                shell.awaitLock(request);
                shell.heart.start();
                return shell;
            } catch (IOException | RuntimeException | InterruptedException failed) {
                shell.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw connection.lost(LOCK, failed);
        }
    }

    private void awaitLock(LockRequest request) throws InterruptedException {
        Instant reported = Instant.MIN;
        String holder = "somebody who left no name";
        while (true) {
            if (request.cancellation().isRequested()) {
                throw canceled(request);
            }
            Optional<Frame> frame;
            try {
                frame = output.await(500);
            } catch (EndedException ended) {
                throw unlockable(request);
            }
            if (frame.isEmpty()) {
                continue;
            }
            Instant now = request.deadline().clock().instant();
            holder = LockOwner.parse(frame.get().body())
                    .map(owner -> owner.describe(now))
                    .orElse(holder);
            switch (frame.get().id()) {
                case "locked" -> {
                    return;
                }
                case "timeout" -> throw held(request, holder);
                default -> {
                    if (reported.isBefore(now.minus(BETWEEN_REPORTS))) {
                        request.waiting().accept(holder);
                        reported = now;
                    }
                }
            }
        }
    }

    /** As {@link SshConnection#run}, but under the lock; scripts run one after the other. */
    public RemoteResult run(RemoteScript script, RemoteInput input, Deadline deadline) throws InterruptedException {
        String id = "script-" + ++scripts;
        Base64.Encoder base64 = Base64.getEncoder();
        String line = "%s %s %s\n"
                .formatted(
                        id, base64.encodeToString(script.text().getBytes(UTF_8)), base64.encodeToString(input.bytes()));
        try {
            send(line.getBytes(UTF_8));
            Frame out = await(output, id, script, deadline);
            Frame err = await(error, id, script, deadline);
            if (out.exitCode() == FENCED) {
                lost = true;
                throw lockLost(script, PlainText.sentence(err.body().strip()));
            }
            if (out.truncated()) {
                throw connection.unfinished(script, "it sent more than %d bytes".formatted(MAX_OUTPUT));
            }
            return new RemoteResult(out.exitCode(), out.body(), err.body());
        } catch (IOException | EndedException failed) {
            lost = true;
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), UNTIL_TOLD);
            Integer exitCode = channel.getExitStatus();
            if (Objects.equals(exitCode, SILENT)) {
                throw lockLost(
                        script,
                        "the host heard nothing from this process for %d s or more, as when it is stopped or gets no CPU"
                                .formatted(silence.toSeconds()));
            }
            if (Objects.equals(exitCode, GAVE_UP)) {
                throw lockLost(script, PlainText.sentence(error.rest().strip()));
            }
            throw connection.lost(script, failed instanceof IOException ? failed : null);
        }
    }

    /** Whether the lock is still ours, as far as anybody has told. */
    public boolean isOpen() {
        return !lost && channel.isOpen();
    }

    private ExecutorException lockLost(RemoteScript script, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.LOCK_LOST,
                "run %s on \"%s\"".formatted(script.name(), connection.host().name()),
                connection.host().endpoint(),
                "the lock is not ours any more: %s; the script did not run".formatted(saw),
                "See in the other job's log what it deployed, and retry this job if it is still wanted."));
    }

    private Frame await(FrameStream stream, String id, RemoteScript script, Deadline deadline)
            throws InterruptedException, EndedException {
        while (!deadline.hasPassed()) {
            Optional<Frame> frame = stream.await(deadline.remaining().toMillis() + 1);
            if (frame.isPresent() && frame.get().id().equals(id)) {
                return frame.get();
            }
        }
        throw connection.unfinished(script, "it did not end in time");
    }

    private void send(byte[] bytes) throws IOException {
        synchronized (channel) {
            OutputStream stdin = channel.getInvertedIn();
            stdin.write(bytes);
            stdin.flush();
        }
    }

    private void beat(Duration silence) {
        try {
            while (channel.isOpen()) {
                Thread.sleep(silence.dividedBy(SIGNS_OF_LIFE_PER_SILENCE));
                send("beat\n".getBytes(UTF_8));
            }
        } catch (IOException lost) {
            // Whoever runs the next script hears of it.
            end();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        output.close();
        error.close();
    }

    private ExecutorException held(LockRequest request, String holder) {
        return failure(
                FailureCode.LOCK_HELD,
                request,
                "it is held by " + holder,
                "Wait for that job to end, then retry this one.");
    }

    private ExecutorException canceled(LockRequest request) {
        return failure(
                FailureCode.CANCELED,
                request,
                "the job was canceled while it waited; nothing was changed",
                "Retry the job if it should run after all.");
    }

    private ExecutorException unlockable(LockRequest request) {
        String seen = PlainText.sentence(error.rest());
        if (seen.isEmpty() && channel.getExitStatus() == null) {
            return connection.lost(LOCK, null);
        }
        return failure(
                FailureCode.HOST_UNSUITABLE,
                request,
                seen.isEmpty() ? "the connection ended" : seen,
                "See that the user may write to the directory and that the host is up.");
    }

    private ExecutorException failure(FailureCode code, LockRequest request, String saw, String next) {
        String host = connection.host().name().value();
        return new ExecutorException(
                new Failure(code, "lock \"%s\"".formatted(host), host + ":" + request.directory(), saw, next));
    }

    /** Frees the lock and waits for the host to say so, at most 5 s. */
    @Override
    public void close() {
        heart.interrupt();
        try {
            channel.getInvertedIn().close();
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), Duration.ofSeconds(5));
        } catch (IOException alreadyLost) {
            end();
        } finally {
            channel.close(true);
        }
    }
}
