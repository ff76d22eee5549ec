import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A container engine that only keeps a list; every command in a container ends well at once. */
final class Engine implements AutoCloseable {
    private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    private final Commit commit;
    private final Set<String> containers = new TreeSet<>();
    private final Set<String> volumes = new TreeSet<>();
    private final List<String> execs = new ArrayList<>();

    /** {@code commit} is what the checkout holds. */
    Engine(Path socket, Commit commit) throws IOException {
        this.commit = commit;
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::accept);
    }

    private record Request(String line, String body) {}

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Thread.ofVirtual().start(() -> serve(channel));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
            OutputStream out = Channels.newOutputStream(channel);
            while (true) {
                Request request = read(in);
                if (request.line().isEmpty()) {
                    return;
                }
                if (request.line().matches("POST /exec/\\S+/start .*")) {
                    attach(request, in, out);
                    return;
                }
                if (request.line().startsWith("GET /_ping ")) {
                    out.write("HTTP/1.0 200 OK\r\nApi-Version: 1.41\r\n\r\nOK".getBytes(UTF_8));
                    return;
                }
                String body = answer(request);
                out.write("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(body.isEmpty() ? "204 No Content" : "200 OK", body.length(), body)
                        .getBytes(UTF_8));
                if (request.line().endsWith("HTTP/1.0")) {
                    return;
                }
            }
        } catch (IOException hungUp) {
            // The launcher says what it missed.
        }
    }

    private static Request read(InputStream in) throws IOException {
        String first = line(in);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.startsWith("Content-Length: ")) {
                length = Integer.parseInt(header.substring("Content-Length: ".length()));
            }
        }
        return new Request(first.replace(" /v1.41/", " /"), new String(in.readNBytes(length), UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private synchronized String answer(Request request) {
        String[] words = request.line().split("[ ?]");
        String target = words[1];
        String last = target.substring(target.lastIndexOf('/') + 1);
        return switch (words[0] + " " + target.replaceFirst("(?<=/(images|exec|containers|volumes)/).+(?=/)", "*")) {
            case "GET /containers/json" -> list(containers, "{\"Id\": \"%s\"}");
            case "GET /info" -> """
                    {"MemoryLimit": true, "CpuCfsQuota": true, "PidsLimit": true,
                     "SecurityOptions": ["name=seccomp,profile=default"]}""";
            case "GET /networks" -> "[]";
            case "GET /volumes" -> "{\"Volumes\": %s}".formatted(list(volumes, "{\"Name\": \"%s\"}"));
            case "GET /images/*/json" -> "{\"Id\": \"sha256:%s\", \"RepoDigests\": [], \"Config\": {}}".formatted("b".repeat(64));
            case "POST /volumes/create" -> created(volumes, request.body().replaceFirst("(?s).*\"Name\": *\"([^\"]+).*", "$1"));
            case "POST /containers/create" -> created(containers, words[2].substring("name=".length()));
            case "POST /containers/*/exec" -> {
                execs.add(request.body());
                yield "{\"Id\": \"%016x\"}".formatted(execs.size() - 1);
            }
            case "GET /exec/*/json" -> "{\"Running\": false, \"ExitCode\": 0, \"Pid\": 7}";
            default -> {
                containers.remove(last);
                volumes.remove(last);
                yield "";
            }
        };
    }

    private static String created(Set<String> things, String name) {
        things.add(name);
        return "{\"Id\": \"%s\", \"Name\": \"%s\"}".formatted(name, name);
    }

    private static String list(Set<String> things, String form) {
        return things.stream().map(form::formatted).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Reads the command's input to its end, and prints what it asks for. */
    private void attach(Request request, InputStream in, OutputStream out) throws IOException {
        out.write("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n".getBytes(UTF_8));
        in.readAllBytes();
        String command = command(request.line().split("/")[2]);
        byte[] bytes = command.contains("cat-file") ? commit.batch() : "bash\n".getBytes(UTF_8);
        DataOutputStream frames = new DataOutputStream(out);
        frames.writeInt(1 << 24);
        frames.writeInt(bytes.length);
        frames.write(bytes);
    }

    private synchronized String command(String exec) {
        return execs.get(Integer.parseInt(exec, 16));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
