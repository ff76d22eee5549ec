package dev.gitopsexecutor.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A mail server that answers each command as it is told; what is sent after DATA it keeps. */
final class SmtpPeer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<String> mails = new CopyOnWriteArrayList<>();
    private final Replies replies;

    /** What it answers to a command in lower case, or to {@code connect} or {@code .}; null for the usual. */
    interface Replies {
        @Nullable
        String to(String command);
    }

    SmtpPeer(Replies replies) throws IOException {
        this.replies = replies;
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return listener.getLocalPort();
    }

    List<String> commands() {
        return List.copyOf(commands);
    }

    List<String> mails() {
        return List.copyOf(mails);
    }

    private void serve() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> talk(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket socket) {
        try (socket;
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
                OutputStream out = socket.getOutputStream()) {
            say(out, "connect", "220 peer ESMTP");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                commands.add(line);
                String command = line.toLowerCase(Locale.ROOT);
                if (command.startsWith("data")) {
                    say(out, command, "354 go on");
                    StringBuilder mail = new StringBuilder();
                    for (String text = in.readLine(); !text.equals("."); text = in.readLine()) {
                        mail.append(text).append("\r\n");
                    }
                    mails.add(mail.toString());
                    say(out, ".", "250 kept");
                } else if (command.startsWith("ehlo")) {
                    say(out, command, "250-peer\r\n250 AUTH PLAIN LOGIN");
                } else if (command.startsWith("auth")) {
                    say(out, command, "235 welcome");
                } else {
                    say(out, command, "250 fine");
                }
            }
        } catch (IOException gone) {
            // The other side had enough.
        }
    }

    private void say(OutputStream out, String command, String usual) throws IOException {
        @Nullable String reply = replies.to(command);
        out.write(((reply == null ? usual : reply) + "\r\n").getBytes(UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
