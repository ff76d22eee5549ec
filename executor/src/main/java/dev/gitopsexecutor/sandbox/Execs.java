package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts commands inside running containers, as the unprivileged user unless it says otherwise. */
final class Execs {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);
    private static final int STDERR_LIMIT = 8 * 1024;

    private final EngineSocket socket;

    Execs(EngineSocket socket) {
        this.socket = socket;
    }

    Exec start(String tried, String container, List<String> argv) {
        return start(tried, container, Confinement.USER, argv);
    }

    private Exec start(String tried, String container, String user, List<String> argv) {
        String id = create(tried, container, user, argv);
        try {
            return Bounded.within(
                    LIMIT,
                    () -> new Exec(id, socket.attach("/exec/" + id + "/start", "{\"Detach\":false,\"Tty\":false}")));
        } catch (AttachedStream.RefusedException refused) {
            throw EngineFailures.containerLost(
                    tried, container, EngineJson.message(String.valueOf(refused.getMessage())));
        } catch (IOException failed) {
            throw EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    /** Blocks until the command has ended and returns what it printed. */
    CommandResult capture(String tried, String container, List<String> argv, int limit, Duration patience) {
        return capture(tried, container, argv, new byte[0], limit, patience);
    }

    /** The same, of a command whose stdin is {@code input}. */
    CommandResult capture(
            String tried, String container, List<String> argv, byte[] input, int limit, Duration patience) {
        return capture(Confinement.USER, tried, container, argv, input, limit, patience);
    }

    /** As root, which may do nothing in the container but what its files' owner may. For commands of ours alone. */
    CommandResult captureAsRoot(String tried, String container, List<String> argv, int limit, Duration patience) {
        return capture("0:0", tried, container, argv, new byte[0], limit, patience);
    }

    /** With the rights of that user, {@code uid:gid}. */
    CommandResult captureAs(
            String user, String tried, String container, List<String> argv, int limit, Duration patience) {
        return capture(user, tried, container, argv, new byte[0], limit, patience);
    }

    private CommandResult capture(
            String user,
            String tried,
            String container,
            List<String> argv,
            byte[] input,
            int limit,
            Duration patience) {
        LimitedBytes out = new LimitedBytes(limit);
        LimitedBytes err = new LimitedBytes(STDERR_LIMIT);
        try (Exec exec = start(tried, container, user, argv)) {
            exec.copy(new ByteArrayInputStream(input), out, err);
            exec.ended().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            int code = exitCode(tried, container, exec);
            if (out.overflowed()) {
                throw tooLarge(tried, container, limit);
            }
            return new CommandResult(code, out.bytes(), new String(err.bytes(), UTF_8));
        } catch (TimeoutException late) {
            throw EngineFailures.containerLost(
                    tried, container, "the command did not end in %d s".formatted(patience.toSeconds()));
        } catch (ExecutionException | IOException broken) {
            throw EngineFailures.unreachable(tried, socket.path(), broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw EngineFailures.unreachable(tried, socket.path(), interrupted);
        }
    }

    /** Of a command whose output has ended. Throws when it never started or its container is gone. */
    int exitCode(String tried, String container, Exec exec) {
        try {
            return Bounded.within(EXIT_LIMIT, () -> {
                OptionalInt code = exitCodeNow(tried, container, exec);
                // The output ends a moment before the engine has noted the exit.
                while (code.isEmpty()) {
                    Thread.sleep(Duration.ofMillis(10));
                    code = exitCodeNow(tried, container, exec);
                }
                return code.getAsInt();
            });
        } catch (Bounded.LateException running) {
            throw EngineFailures.containerLost(tried, container, "its output broke off while it still runs");
        } catch (IOException failed) {
            throw EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    /** Whether the container has ended, or does so within {@code limit}. */
    boolean containerEnds(String tried, String container, Duration limit) {
        try {
            EngineSocket.Answer answer =
                    Bounded.within(limit, () -> socket.send("POST", "/containers/" + container + "/wait", ""));
            return answer.status() == 404 || members(tried, container, answer).containsKey("StatusCode");
        } catch (Bounded.LateException running) {
            return false;
        } catch (IOException failed) {
            throw EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    /** Ends the whole container: for when nothing can be started in it any more. */
    void kill(String container) {
        String tried = "kill the container";
        try {
            Bounded.within(LIMIT, () -> socket.send("POST", "/containers/" + container + "/kill?signal=KILL", ""));
        } catch (IOException failed) {
            throw EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    private OptionalInt exitCodeNow(String tried, String container, Exec exec) throws IOException {
        Map<String, String> state = members(tried, container, socket.send("GET", "/exec/" + exec.id() + "/json", ""));
        if (Boolean.parseBoolean(state.get("Running")) || !state.containsKey("ExitCode")) {
            return OptionalInt.empty();
        }
        if ("0".equals(state.get("Pid"))) {
            throw EngineFailures.containerLost(tried, container, "the engine could not start the command");
        }
        return OptionalInt.of(Integer.parseInt(state.getOrDefault("ExitCode", "")));
    }

    private String create(String tried, String container, String user, List<String> argv) {
        try {
            Map<String, String> created = Bounded.within(
                    LIMIT,
                    () -> members(
                            tried,
                            container,
                            socket.send(
                                    "POST", "/containers/" + container + "/exec", EngineJson.exec(argv, user, true))));
            String id = created.getOrDefault("Id", "");
            if (!id.matches("[0-9a-f]{16,128}")) {
                throw new IOException("the engine's answer names no exec");
            }
            return id;
        } catch (IOException failed) {
            throw EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    private Map<String, String> members(String tried, String container, EngineSocket.Answer answer) throws IOException {
        return switch (answer.status()) {
            case 200, 201 -> EngineJson.members(answer.body());
            case 404 -> throw EngineFailures.containerLost(tried, container, "it does not exist any more");
            case 409 -> throw EngineFailures.containerLost(tried, container, "it does not run any more");
            default ->
                throw EngineFailures.containerLost(
                        tried, container, "HTTP %d: %s".formatted(answer.status(), EngineJson.message(answer.body())));
        };
    }

    private static ExecutorException tooLarge(String tried, String container, int limit) {
        return new ExecutorException(new Failure(
                FailureCode.OUTPUT_TOO_LARGE,
                tried,
                "container " + container,
                "more than %d bytes".formatted(limit),
                "Make the file that is read smaller."));
    }
}
