package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;

/** A real nginx on a free loopback port: what stands between users and hosts, or misbehaves. Ends when it is closed. */
public final class Nginx implements AutoCloseable {
    private final Process process;
    private final int port;

    private Nginx(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Blocks until it listens.
     *
     * @param directory for its files
     * @param configuration its {@code server} blocks, which listen at the port on 127.0.0.1
     */
    public static Nginx start(Path directory, IntFunction<String> configuration) throws IOException {
        int port = FreePort.pick();
        Path config =
                Files.writeString(directory.resolve("nginx.conf"), """
            daemon off;
            master_process off;
            user root;
            pid %1$s/pid;
            error_log %1$s/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
            %2$s
            }
            """.formatted(directory, configuration.apply(port)));
        Process process = new ProcessBuilder(
                        "/usr/sbin/nginx",
                        "-c",
                        config.toString(),
                        "-p",
                        directory.toString(),
                        "-e",
                        directory + "/start.log")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
        Listening.await("nginx", port);
        return new Nginx(process, port);
    }

    Process process() {
        return process;
    }

    public int port() {
        return port;
    }

    /**
     * A certificate of an authority of its own, and its key: {@code NAME.pem}, {@code NAME.key}; the authority's is {@code
     * NAME-ca.pem}.
     *
     * @param subject DNS name that it is for
     */
    public static void certificate(Path directory, String name, String subject) throws IOException {
        Path extension = Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=DNS:" + subject + "\n");
        List<String> authority = List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=Test CA of " + name,
                "-keyout",
                name + "-ca.key",
                "-out",
                name + "-ca.pem");
        List<String> request = List.of(
                "openssl",
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=" + subject,
                "-keyout",
                name + ".key",
                "-out",
                name + ".csr");
        List<String> signed = List.of(
                "openssl",
                "x509",
                "-req",
                "-days",
                "2",
                "-in",
                name + ".csr",
                "-CA",
                name + "-ca.pem",
                "-CAkey",
                name + "-ca.key",
                "-CAcreateserial",
                "-extfile",
                extension.toString(),
                "-out",
                name + ".pem");
        for (List<String> words : List.of(authority, request, signed)) {
            Command.in(directory, words.toArray(String[]::new)).run();
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
