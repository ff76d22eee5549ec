package dev.gitopsexecutor.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;

/** Runs a demo job for `scripts/demo job NAME` and streams its log: POST /jobs/NAME, on loopback only. */
final class DemoControl implements AutoCloseable {
    private final HttpServer server;
    private final Testbed testbed;

    private DemoControl(HttpServer server, Testbed testbed) {
        this.server = server;
        this.testbed = testbed;
    }

    static DemoControl start(Testbed testbed) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        DemoControl control = new DemoControl(server, testbed);
        server.createContext("/jobs/", control::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return control;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The last line says how the job ended, so that a script can tell. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String name = exchange.getRequestURI().getPath().substring("/jobs/".length());
            Optional<DemoJob> job = DemoJob.named(name);
            exchange.sendResponseHeaders(job.isPresent() ? 200 : 404, 0);
            OutputStream body = exchange.getResponseBody();
            String end = job.isPresent() ? run(job.get(), body) : "no such job; there are " + DemoJob.names();
            body.write(("demo: " + end + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private String run(DemoJob job, OutputStream body) throws IOException {
        try {
            DeployEnvironment environment = job.environment(testbed);
            JobResult result = environment.runner().run(environment.job(job.release(testbed)), body);
            return "job %s ended: %s".formatted(job.label(), result.status());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return "job " + job.label() + " was interrupted";
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
