package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a smoke check does, and what it must see. */
public sealed interface SmokeProbe {
    /** Headers, in small letters, that say where a message goes, where it ends, or what becomes of the connection. */
    Set<String> FRAME_HEADERS = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Methods of HTTP that ask and change nothing. */
    Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    /** All that a check may use. */
    Set<String> METHODS = Set.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE");

    /** A path with its query, as RFC 3986 spells it. */
    Pattern PATH = Pattern.compile("/(?!/)(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*");

    /** Throws {@link IllegalArgumentException} with what is wrong with a regular expression. */
    static void requireExpression(String text) {
        try {
            var _ = com.google.re2j.Pattern.compile(text);
        } catch (com.google.re2j.PatternSyntaxException malformed) {
            throw new IllegalArgumentException(malformed.getDescription(), malformed);
        }
    }

    /**
     * One request over HTTP.
     *
     * @param path with its query, below the health URL's or the public URL's authority
     * @param headers whose values may hold {@code {NAME}}, the value of that variable of the environment
     * @param body likewise
     * @param status any of which is right; empty for any 2xx
     * @param json by JSON pointer (RFC 6901) into the answer, the value that must be there, as text
     * @param matches regular expression of RE2, which is searched for in linear time, that must be found somewhere in the answer's body
     * @param latency within which the whole answer must be there
     * @param mutating whether it changes something: then it is neither repeated nor a part of a rollback
     */
    record Http(
            String path,
            String method,
            SortedMap<String, String> headers,
            Optional<String> body,
            SortedSet<Integer> status,
            SortedMap<String, String> json,
            Optional<String> matches,
            Optional<Duration> latency,
            Set<Place> from,
            boolean mutating)
            implements SmokeProbe {
        /** Throws {@link IllegalArgumentException} for what no deploy.yaml could have said: the record of a release may lie. */
        public Http {
            matches.ifPresent(SmokeProbe::requireExpression);
            if (!METHODS.contains(method) || (!mutating && !READING.contains(method))) {
                throw new IllegalArgumentException("the method " + method);
            }
            if (!PATH.matcher(path).matches()) {
                throw new IllegalArgumentException("the path " + path);
            }
            headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
            status = Collections.unmodifiableSortedSet(new TreeSet<>(status));
            json = Collections.unmodifiableSortedMap(new TreeMap<>(json));
            from = Set.copyOf(from);
        }
    }

    /** A TCP connection: to a port on each host's loopback address, or of the public URL's host. */
    record Tcp(int port, Set<Place> from) implements SmokeProbe {
        public Tcp {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("the port " + port);
            }
            from = Set.copyOf(from);
        }
    }

    /** A command in a running container of that service, on each host; it must end in 0. */
    record InService(ServiceName service, List<String> command) implements SmokeProbe {
        public InService {
            command = List.copyOf(command);
        }
    }

    /** A command in the job's container, in the project's directory; it must end in 0. */
    record InJob(List<String> command) implements SmokeProbe {
        public InJob {
            command = List.copyOf(command);
        }
    }
}
