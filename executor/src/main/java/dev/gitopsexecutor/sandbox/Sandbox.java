package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.Role;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;

/** A job's locked-down containers and what they share, from start to removal; keeps no state of its own. */
public final class Sandbox implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);

    private final SandboxSettings settings;
    private final InstantSource clock;
    private final Duration grace;
    private final Engine engine;
    private final EngineSocket socket;
    private final Leftovers leftovers;
    private final Execs execs;

    private Sandbox(SandboxSettings settings, InstantSource clock, Duration grace) {
        this.settings = settings;
        this.clock = clock;
        this.grace = grace;
        socket = new EngineSocket(settings.socket());
        engine = new Engine(socket);
        leftovers = new Leftovers(socket, clock);
        execs = new Execs(socket);
    }

    /** Connects when first used. A canceled script has 10 s between TERM and KILL. */
    public static Sandbox connect(SandboxSettings settings, InstantSource clock) {
        return connect(settings, clock, GRACE);
    }

    /** {@code grace} is what a canceled script has between TERM and KILL. */
    public static Sandbox connect(SandboxSettings settings, InstantSource clock, Duration grace) {
        return new Sandbox(settings, clock, grace);
    }

    /**
     * The name with the digest that it stands for now; without one where the engine alone has the image.
     *
     * @throws dev.gitopsexecutor.failure.ExecutorException when its registry does not give it for that login, which it
     *     is asked every time: what one job may pull is not for the next one to find
     */
    public ImageRef resolve(SandboxSpec.Image image, Cancellation cancellation) {
        return new Images(engine, calls()).resolve(image.name(), image.login(), cancellation);
    }

    private EngineCalls calls() {
        return new EngineCalls(socket, CALL_LIMIT);
    }

    /**
     * Brings all containers up, or leaves nothing behind. What an earlier attempt of the job left is removed first.
     *
     * @throws dev.gitopsexecutor.failure.ExecutorException {@code CANCELED} when the stage shall end before they are up
     */
    public void start(SandboxSpec spec, JobLog log, Cancellation cancellation) {
        new Startup(engine, calls(), execs, leftovers, settings, clock, cancellation).start(spec, log);
    }

    /**
     * Streams a script into a container and blocks until nothing of it runs any more.
     *
     * <p>Its exit code is only ever the script's own: when the container or the engine fails, or memory runs out, this
     * throws. After a cancellation the code is not 0, and the container is up for the next stage.
     */
    public int run(JobId job, Role role, Path script, OutputStream out, OutputStream err, Cancellation cancellation) {
        String container = names(job).container(role);
        return new ScriptRun(execs, new ContainerEvents(socket, clock, container), container, grace)
                .run(script, out, err, cancellation);
    }

    /** The same of a script that is a text. */
    public int run(JobId job, Role role, String script, OutputStream out, OutputStream err, Cancellation cancellation) {
        String container = names(job).container(role);
        return new ScriptRun(execs, new ContainerEvents(socket, clock, container), container, grace)
                .run(script, out, err, cancellation);
    }

    /**
     * Runs a command of ours in the helper container, with its minimal environment, for at most 30 s.
     *
     * @param limit of its output in bytes; more is a failure of the job
     */
    public CommandResult runInHelper(JobId job, List<String> argv, int limit) {
        return runInHelper(job, argv, new byte[0], limit);
    }

    /**
     * The same, of a command that reads.
     *
     * @param input its stdin; what is secret belongs there and not into {@code argv}
     */
    public CommandResult runInHelper(JobId job, List<String> argv, byte[] input, int limit) {
        return execs.capture(
                "run " + argv.getFirst() + " in the helper container",
                names(job).container(Role.HELPER),
                argv,
                input,
                limit,
                COMMAND_LIMIT);
    }

    /** Looks from inside one of the job's containers, which run, whether each control holds; in the order of those. */
    public List<Control.Seen> look(JobId job, Role role) {
        return new Probe(execs, engine, calls(), settings).look(role, names(job).container(role), Confinement.USER);
    }

    /** Removes all that the job has on the engine, whatever still runs; does nothing when there is nothing. */
    public void remove(JobId job) {
        leftovers.remove(names(job));
    }

    /** The jobs of this executor that have something on the engine, each with the time until which it may. */
    public SortedMap<JobId, Instant> deadlines() {
        return leftovers.deadlines(settings.instance());
    }

    /** The volumes of projects' caches, and until when each is kept. */
    public SortedMap<String, Instant> caches() {
        return leftovers.caches(settings.instance());
    }

    /** Returns false when a job uses it. */
    public boolean removeCache(String volume) {
        return leftovers.removeCache(volume);
    }

    @Override
    public void close() {
        engine.close();
    }

    private SandboxNames names(JobId job) {
        return new SandboxNames(settings.instance(), job);
    }
}
