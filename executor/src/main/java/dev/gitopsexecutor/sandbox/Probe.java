package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks from inside a container what a script in it could do. */
final class Probe {
    private static final int MAX_PRINTED = 1024 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Execs execs;
    private final Engine engine;
    private final EngineCalls calls;
    private final SandboxSettings settings;

    Probe(Execs execs, Engine engine, EngineCalls calls, SandboxSettings settings) {
        this.execs = execs;
        this.engine = engine;
        this.calls = calls;
        this.settings = settings;
    }

    /** In the order of {@link Control}; {@code user} is whose rights the script would have: {@code uid:gid}. */
    List<Control.Seen> look(Role role, String container, String user) {
        String tried = "look from inside container " + container;
        String printed = execs.captureAs(user, tried, container, ContainerScripts.look(), MAX_PRINTED, LIMIT)
                .text();
        var told = engine.call(
                tried, LIMIT, docker -> docker.inspectContainerCmd(container).exec());
        EngineFeatures features = EngineFeatures.read(calls, settings.socket());
        var at = new Observation(role, printed, told, features, settings, ownNamespaces());
        return Arrays.stream(Control.values())
                .map(control -> control.inspect(at))
                .toList();
    }

    private static Set<String> ownNamespaces() {
        Set<String> found = new HashSet<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/ns"))) {
            for (Path link : links) {
                found.add(Files.readSymbolicLink(link).toString());
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return found;
    }
}
