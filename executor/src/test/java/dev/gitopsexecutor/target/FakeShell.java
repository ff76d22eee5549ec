package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.target.FakeHost.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;

/** One command of ours on a {@link FakeHost}: a script by itself, or a locked shell and the scripts that it is sent. */
final class FakeShell implements Command {
    private static final Map<String, String> SCRIPTS = scripts();
    private static final Set<String> UNDER_LOCK = Set.of(
            "install.sh", "activate.sh", "remove-services.sh", "abandon.sh", "commit.sh", "conclude.sh", "retire.sh");
    private static final long BETWEEN_TRIES_MILLIS = 100;

    private final FakeHost host;
    private final String command;
    private @Nullable InputStream in;
    private @Nullable OutputStream out;
    private @Nullable OutputStream err;
    private @Nullable ExitCallback exit;
    private @Nullable Thread thread;

    FakeShell(FakeHost host, String command) {
        this.host = host;
        this.command = command;
    }

    /** By the end of their text, which is that of their own file: all begin with what they share. */
    private static Map<String, String> scripts() {
        Map<String, String> scripts = new LinkedHashMap<>();
        for (String file : List.of(
                "target/lock.sh",
                "target/preflight.sh",
                "deploy/state.sh",
                "deploy/read.sh",
                "deploy/containers.sh",
                "deploy/compose-check.sh",
                "deploy/pull.sh",
                "deploy/install.sh",
                "deploy/activate.sh",
                "deploy/remove-services.sh",
                "deploy/abandon.sh",
                "deploy/commit.sh",
                "deploy/conclude.sh",
                "deploy/retire.sh",
                "deploy/logs.sh")) {
            try (InputStream stream =
                    Objects.requireNonNull(FakeShell.class.getResourceAsStream("/dev/gitopsexecutor/" + file), file)) {
                scripts.put(new String(stream.readAllBytes(), UTF_8), file.replaceFirst(".*/", ""));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
        return scripts;
    }

    private static String name(String text) {
        return SCRIPTS.entrySet().stream()
                .filter(script -> text.endsWith(script.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("an unknown script");
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
        thread = Thread.ofVirtual().start(() -> {
            int code = 1;
            try {
                code = run();
            } catch (IOException gone) {
                code = 255;
            } catch (InterruptedException destroyed) {
                Thread.currentThread().interrupt();
            } finally {
                host.unlock(this);
                Objects.requireNonNull(exit).onExit(code);
            }
        });
    }

    private int run() throws IOException, InterruptedException {
        String script = command.replaceFirst("(?s)^exec sh -c '", "")
                .replaceFirst("(?s)' gitops$", "")
                .replace("'\\''", "'");
        BufferedReader input = new BufferedReader(new InputStreamReader(Objects.requireNonNull(in), UTF_8));
        String name = name(script);
        if (name.equals("lock.sh")) {
            return lock(input);
        }
        if (UNDER_LOCK.contains(name)) {
            write(err, name + " came without the lock\n");
            return 1;
        }
        Answer answer = host.run(name, input.lines().map(FakeShell::decoded).toList());
        write(out, answer.output());
        write(err, answer.error());
        return answer.exitCode();
    }

    private int lock(BufferedReader input) throws IOException, InterruptedException {
        List<String> request = new ArrayList<>();
        for (int line = 0; line < 6; line++) {
            request.add(decoded(Objects.requireNonNull(input.readLine())));
        }
        String nonce = request.getFirst();
        long tries = Long.parseLong(request.get(3)) * 1000 / BETWEEN_TRIES_MILLIS;
        while (!host.lock(this, request.get(5))) {
            boolean over = tries-- <= 0;
            answer(nonce, over ? "timeout" : "held", new Answer(over ? 1 : 0, host.owner(), ""));
            if (over) {
                return 1;
            }
            Thread.sleep(BETWEEN_TRIES_MILLIS);
        }
        answer(nonce, "locked", new Answer(0, "", ""));
        String line;
        while ((line = input.readLine()) != null) {
            String[] words = line.split(" ", -1);
            if (words.length == 3) {
                List<String> values =
                        decoded(words[2]).lines().map(FakeShell::decoded).toList();
                answer(nonce, words[0], host.run(name(decoded(words[1])), values));
            }
        }
        return 0;
    }

    private void answer(String nonce, String id, Answer answer) throws IOException {
        write(err, answer.error() + "\n%s %s %d\n".formatted(nonce, id, answer.exitCode()));
        write(out, answer.output() + "\n%s %s %d\n".formatted(nonce, id, answer.exitCode()));
    }

    private static void write(@Nullable OutputStream stream, String text) throws IOException {
        Objects.requireNonNull(stream).write(text.getBytes(UTF_8));
        stream.flush();
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), UTF_8);
    }

    @Override
    public void destroy(ChannelSession channel) {
        host.unlock(this);
        if (thread != null) {
            thread.interrupt();
        }
    }

    @Override
    public void setInputStream(InputStream stream) {
        in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
        out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {
        err = stream;
    }

    @Override
    public void setExitCallback(ExitCallback callback) {
        exit = callback;
    }
}
