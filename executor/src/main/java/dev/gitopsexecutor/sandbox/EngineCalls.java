package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Single requests to the engine, each with an end and its failure in our words.
 *
 * <p>Without docker-java: to load and connect it takes a short process about 150 ms, half as long as all that it then
 * asks for.
 */
final class EngineCalls {
    private static final int NOT_FOUND = 404;
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
        return accepted(tried, send(tried, "GET", target));
    }

    /** Returns false when the thing is in use or about to go: the caller looks again. What is gone is no failure. */
    boolean delete(String tried, String target) {
        EngineSocket.Answer answer = send(tried, "DELETE", target);
        if (answer.status() == CONFLICT) {
            return false;
        }
        if (answer.status() != NOT_FOUND) {
            accepted(tried, answer);
        }
        return true;
    }

    /** The query that narrows a list to what has, under each name, all labels or one of the other values. */
    static String filters(Map<String, List<String>> wanted) {
        return "filters=" + URLEncoder.encode(EngineJson.lists(wanted), UTF_8);
    }

    private EngineSocket.Answer send(String tried, String method, String target) {
        try {
            return Bounded.within(limit, () -> socket.send(method, target, ""));
        } catch (IOException failed) {
            throw EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    private String accepted(String tried, EngineSocket.Answer answer) {
        if (answer.status() >= 300) {
            throw EngineFailures.refused(tried, socket.path(), EngineJson.message(answer.body()), null);
        }
        return answer.body();
    }
}
