package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.Cancellation;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Single requests to the engine, each with an end and its failure in our words.
 *
 * <p>Without docker-java: to load and connect it takes a short process about 150 ms, half as long as all that it then
 * asks for.
 */
final class EngineCalls {
    private static final int CONFLICT = 409;

    private final EngineSocket socket;
    private final Duration limit;

    /** {@code limit} is of each request. */
    EngineCalls(EngineSocket socket, Duration limit) {
        this.socket = socket;
        this.limit = limit;
    }

    /** The answer's JSON. {@code tried} is an infinitive without "to". */
    String get(String tried, String target) {
        return accepted(tried, send(tried, "GET", target, "", new Cancellation()));
    }

    /**
     * What the engine says, a no too.
     *
     * @param header a whole one without the end of its line, or empty
     */
    EngineSocket.Answer ask(String tried, String target, String header, Cancellation cancellation) {
        return send(tried, "GET", target, header.isEmpty() ? "" : header + "\r\n", cancellation);
    }

    /** Returns false when the thing is in use or about to go: the caller looks again. What is gone is no failure. */
    boolean delete(String tried, String target) {
        EngineSocket.Answer answer = send(tried, "DELETE", target, "", new Cancellation());
        if (answer.status() == CONFLICT) {
            return false;
        }
        if (!answer.isNotFound()) {
            accepted(tried, answer);
        }
        return true;
    }

    /** The query that narrows a list to what has, under each name, all labels or one of the other values. */
    static String filters(Map<String, List<String>> wanted) {
        return "filters=" + URLEncoder.encode(EngineJson.lists(wanted), UTF_8);
    }

    private EngineSocket.Answer send(
            String tried, String method, String target, String header, Cancellation cancellation) {
        try {
            return Bounded.within(limit, cancellation, () -> socket.send(method, target, header, ""));
        } catch (CancellationException canceled) {
            throw EngineFailures.canceled(tried);
        } catch (IOException failed) {
            throw unreachable(tried, failed);
        }
    }

    /** The answer's JSON, unless it is a no. */
    String accepted(String tried, EngineSocket.Answer answer) {
        if (!answer.isAccepted()) {
            throw EngineFailures.refused(tried, socket.path(), answer.message(), null);
        }
        return answer.body();
    }

    ExecutorException unreachable(String tried, IOException cause) {
        return EngineFailures.unreachable(tried, socket.path(), cause);
    }
}
