package dev.gitopsexecutor.deploy;

import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.checks.Endpoint;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.target.HostFacts;
import dev.gitopsexecutor.target.LockOwner;
import dev.gitopsexecutor.target.LockRequest;
import dev.gitopsexecutor.target.LockedShell;
import dev.gitopsexecutor.target.RemoteInput;
import dev.gitopsexecutor.target.RemoteResult;
import dev.gitopsexecutor.target.RemoteScript;
import dev.gitopsexecutor.target.SshConnection;
import dev.gitopsexecutor.target.SshHost;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** One host during one deploy: its connection, its lock, and each step there is a method. */
final class HostDeployment implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(30);

    /** The exit code of {@code activate.sh} for a release that is not on the host any more. */
    private static final int FILES_GONE = 4;

    /** The exit code of {@code install.sh} where others could read or replace what it would write. */
    private static final int UNSAFE = 5;

    /** Bytes of a release's files in base64. */
    private static final int MAX_RELEASE = 8 * 1024 * 1024;

    /** The exit code of {@code install.sh} for an image that is gone, and of {@code retire.sh} for one that stays. */
    private static final int IMAGES = 6;

    private final SshHost host;
    private final DeployScope scope;
    private final HostFailures failures;
    private @Nullable SshConnection connection;
    private @Nullable LockedShell shell;
    private Optional<HighWater> seen = Optional.empty();
    private @Nullable HostFacts facts;
    private volatile @Nullable Activity activity;
    private volatile @Nullable Activity pulling;

    HostDeployment(SshHost host, DeployScope scope) {
        this.host = host;
        this.scope = scope;
        this.failures = new HostFailures(host, scope.directory());
    }

    HostName name() {
        return host.name();
    }

    SshHost host() {
        return host;
    }

    HostFailures failures() {
        return failures;
    }

    SshConnection connection() {
        return requireNonNull(connection, "not connected");
    }

    /**
     * Says what this host is busy with from now on, for the progress lines of the {@link Fleet} that waits for it; until it
     * says something else or its step has ended.
     *
     * @param what {@code waiting for health}
     * @param until when it is given up
     * @return to be told what there is to see of it meanwhile
     */
    Activity doing(String what, Deadline until) {
        return doing(new Activity(what, scope.clock().instant(), Optional.of(until.remaining())));
    }

    /** As the other, for what takes as long as it takes. */
    Activity doing(String what) {
        return doing(new Activity(what, scope.clock().instant(), Optional.empty()));
    }

    private Activity doing(Activity now) {
        activity = now;
        return now;
    }

    /** A new step begins. */
    void idle() {
        activity = null;
    }

    Optional<Activity> activity() {
        return Optional.ofNullable(activity);
    }

    /** Of a pull, which may go on beside a step. */
    Optional<Activity> pulling() {
        return Optional.ofNullable(pulling);
    }

    /** Connects, and looks whether the host is fit at all. */
    HostFacts connect() {
        connection = scope.target().connect(host, scope.in(scope.times().connect()));
        HostFacts fit = HostFacts.of(
                connection(), scope.directory(), scope.in(scope.times().command()));
        facts = fit;
        return fit;
    }

    /** Throws {@code HOST_UNSUITABLE} when {@code url} cannot be asked from the host itself. */
    void requireTunnel(URI url) {
        Endpoint endpoint = Endpoint.of(url);
        if (connection()
                .forbidsTunnel(
                        endpoint.address(),
                        endpoint.port(),
                        scope.in(scope.times().connect()))) {
            throw failures.noTunnel(url);
        }
    }

    HostState state() throws InterruptedException {
        return seen(HostState.parse(state("")));
    }

    /** The state, and what a plan is made of. */
    HostSurvey survey(String nonce) throws InterruptedException {
        HostSurvey survey = HostSurvey.parse(state(nonce), nonce);
        var _ = seen(survey.state());
        return survey;
    }

    private HostState seen(HostState state) {
        seen = state.highWater();
        return state;
    }

    /** Once that has decided that this deploy may come. */
    void passed(Outdated outdated) {
        seen = seen.map(outdated::after);
    }

    private String state(String nonce) throws InterruptedException {
        RemoteInput input =
                new RemoteInput().add(scope.directory()).add(scope.project()).add(nonce);
        return must(RemoteScripts.STATE, input, scope.times().command()).output();
    }

    /** Whether a stored release can be brought back. */
    StoredState ready(ReleaseRecord stored) throws InterruptedException {
        RemoteInput input = new RemoteInput()
                .add(scope.directory())
                .add(stored.id())
                .addAll(stored.staying().values().stream().distinct().toList());
        return StoredState.parse(
                must(RemoteScripts.READY, input, scope.times().command()).output());
    }

    /** What a release's files contain there; holds secrets. */
    StoredFiles files(ReleaseId release) throws InterruptedException {
        RemoteInput input = new RemoteInput().add(scope.directory()).add(release);
        RemoteResult result = masked(connection()
                .run(RemoteScripts.READ, input, scope.in(scope.times().command()), MAX_RELEASE));
        if (!result.succeeded()) {
            throw failures.failed(RemoteScripts.READ, result);
        }
        return StoredFiles.of(result.output());
    }

    List<ContainerState> containers() {
        RemoteInput input = new RemoteInput().add(scope.project());
        return HostState.containers(connection()
                .run(RemoteScripts.CONTAINERS, input, scope.in(scope.times().command()))
                .output());
    }

    /** What there is to know of a container that is not well, line by line, as it may be printed. */
    List<String> evidence(ContainerState container) {
        RemoteInput input = new RemoteInput().add(container.id());
        return ContainerEvidence.parse(
                        connection()
                                .run(
                                        RemoteScripts.LOGS,
                                        input,
                                        scope.in(scope.times().command()))
                                .output(),
                        scope.log()::masked)
                .lines();
    }

    /** Empty when no container of the service runs; throws when the job is canceled meanwhile. */
    Optional<CommandOutcome> exec(
            ServiceName service, List<String> command, Duration limit, Cancellation cancellation) {
        RemoteInput input = new RemoteInput()
                .add(scope.project())
                .add(service)
                .add(limit.plusMillis(999).toSeconds())
                .addAll(command);
        RemoteResult result = connection()
                .run(
                        RemoteScripts.EXEC,
                        input,
                        scope.in(limit.plus(scope.times().command())),
                        cancellation);
        if (!result.succeeded()) {
            throw failures.failed(RemoteScripts.EXEC, masked(result));
        }
        if (!result.output().startsWith("output ")) {
            return Optional.empty();
        }
        String told = Base64Text.decode(
                        result.output().substring("output ".length()).strip())
                .orElse("");
        int end = told.lastIndexOf('\n');
        String code = told.substring(end + 1);
        return Optional.of(new CommandOutcome(
                code.matches("\\d{1,3}") ? OptionalInt.of(Integer.parseInt(code)) : OptionalInt.empty(),
                told.substring(0, Math.max(0, end))));
    }

    /** Exit code 3 says that Compose refused the files, with its reason as the error. */
    RemoteResult checkCompose(String compose, String override, ShippedFiles shipped) {
        RemoteInput input = shipped.addTo(
                new RemoteInput().add(scope.project()).add(compose).add(override));
        return masked(connection()
                .run(RemoteScripts.COMPOSE_CHECK, input, scope.in(scope.times().command())));
    }

    HostPull pull(Optional<RegistryLogin> login, SortedMap<ServiceName, ImageRef> images) {
        Duration limit = scope.times().pull();
        var progress =
                new PullProgress(images.values(), limit, scope.clock().instant(), activity -> pulling = activity);
        RemoteResult result = masked(connection()
                .run(
                        RemoteScripts.PULL,
                        ImagePull.input(
                                login, requireNonNull(facts, "not connected").fullImageDisk(), images),
                        scope.in(limit),
                        progress));
        if (!result.succeeded()) {
            throw failures.failed(RemoteScripts.PULL, result);
        }
        return progress.pull(
                ImagePull.pinned(result.output(), images, host, scope.log()::masked),
                scope.clock().instant());
    }

    void lock(Cancellation cancellation, Duration patience) throws InterruptedException {
        Deadline deadline = scope.in(patience);
        Activity waiting = doing("waiting for the lock", deadline);
        shell = LockedShell.acquire(
                connection(),
                new LockRequest(
                        scope.directory(),
                        scope.token(),
                        new LockOwner(scope.who(), scope.clock().instant()),
                        deadline,
                        SILENCE,
                        cancellation,
                        holder -> waitsFor(holder, waiting)));
    }

    private void waitsFor(String holder, Activity waiting) {
        waiting.saw("held by " + holder);
        scope.log()
                .fact("%s: %s, %s"
                        .formatted(
                                host.name(),
                                waiting.text(),
                                waiting.time(scope.clock().instant())));
    }

    /** Writes the release beside the others and proves that every variable would reach every service exactly. */
    void install(Release release) throws InterruptedException {
        RemoteInput input = new RemoteInput()
                .add(scope.directory())
                .add(scope.project())
                .add(release.record().id())
                .add(release.compose())
                .add(release.override())
                .addSecret(release.envFile());
        input = release.shipped().addTo(input).add(ReleaseJson.write(release.record()));
        requireFaithful(release, written(RemoteScripts.INSTALL, input));
    }

    /** As {@link #install}, of a copy of a release that is there, with another env file and record. */
    void copy(ReleaseId stored, Release release) throws InterruptedException {
        RemoteInput input = new RemoteInput()
                .add(scope.directory())
                .add(scope.project())
                .add(stored)
                .add(release.record().id())
                .addSecret(release.envFile())
                .add(ReleaseJson.write(release.record()));
        requireFaithful(release, written(RemoteScripts.COPY, input));
    }

    private RemoteResult written(RemoteScript script, RemoteInput input) throws InterruptedException {
        RemoteResult result = run(script, input, scope.times().command());
        if (result.exitCode() == UNSAFE) {
            throw failures.unsafeDirectory(result);
        }
        if (result.exitCode() == IMAGES) {
            throw failures.imageGone(result);
        }
        if (!result.succeeded()) {
            throw failures.failed(script, result);
        }
        return result;
    }

    private void requireFaithful(Release release, RemoteResult result) {
        Map<ServiceName, SortedSet<String>> unfaithful = ComposeConfig.parse(result.output())
                .unfaithful(release.record().images().keySet(), release.variables());
        if (!unfaithful.isEmpty()) {
            throw failures.unfaithful(unfaithful);
        }
    }

    /**
     * The first change to what runs: swaps the link, brings the services of a step up, and starts its jobs anew.
     *
     * @param mark to note before that, where it is another than before
     */
    void activate(ReleaseId release, StartStep step, Optional<SchemaMark> mark) throws InterruptedException {
        RemoteInput input =
                new RemoteInput().add(scope.directory()).add(scope.project()).add(release);
        input.add(mark.isPresent() ? "schema" : "");
        mark.ifPresent(schema -> input.add(schema.json()));
        input.addAll(step.jobs()).add("").addAll(step.services());
        doing("starting containers", scope.in(scope.times().start()));
        RemoteResult result = run(RemoteScripts.ACTIVATE, input, scope.times().start());
        idle();
        if (result.exitCode() == FILES_GONE
                || HostFailures.isEngineGone(result.error())
                || HostFailures.isDiskFull(result.error())) {
            throw failures.failed(RemoteScripts.ACTIVATE, result);
        }
        if (!result.succeeded()) {
            throw failures.notStarted(release, result);
        }
    }

    /** Stops and removes the containers of these services of the release, if any are named. */
    void removeServices(ReleaseId release, Collection<ServiceName> services) throws InterruptedException {
        // Without a name Compose would remove those of all.
        if (!services.isEmpty()) {
            must(
                    RemoteScripts.REMOVE_SERVICES,
                    services(release, services),
                    scope.times().start());
        }
    }

    void abandon(ReleaseRecord release) throws InterruptedException {
        RemoteInput input = services(release.id(), release.images().keySet());
        must(RemoteScripts.ABANDON, input, scope.times().start());
    }

    void commit(ReleaseRecord verified) throws InterruptedException {
        RemoteInput input =
                new RemoteInput().add(scope.directory()).add(verified.id()).add(ReleaseJson.write(verified));
        must(RemoteScripts.COMMIT, input, scope.times().command());
    }

    /** After the deploy is green on all hosts: an older pipeline must not come after this one. */
    void conclude(Collection<ReleaseId> outlived) throws InterruptedException {
        RemoteInput input = new RemoteInput()
                .add(scope.directory())
                .add(HighWater.of(scope.origin()).orNewer(seen).json())
                .addAll(outlived);
        must(RemoteScripts.CONCLUDE, input, scope.times().command());
    }

    void retire(ReleaseId release, String evidence) throws InterruptedException {
        RemoteInput input =
                new RemoteInput().add(scope.directory()).add(release).add(evidence);
        RemoteResult result = run(RemoteScripts.RETIRE, input, scope.times().command());
        if (result.exitCode() == IMAGES) {
            scope.log()
                    .warning("  %s: the failed release's images stay there: %s"
                            .formatted(host.name(), PlainText.sentence(result.error())));
        } else if (!result.succeeded()) {
            throw failures.failed(RemoteScripts.RETIRE, result);
        }
    }

    /** Connected, and with its lock where it was locked. */
    boolean isReachable() {
        return isConnected() && (shell == null || shell.isOpen());
    }

    boolean isConnected() {
        return connection != null && connection.isOpen();
    }

    boolean isLocked() {
        return shell != null;
    }

    void unlock() {
        if (shell != null) {
            shell.close();
            shell = null;
        }
    }

    private RemoteInput services(ReleaseId release, Collection<ServiceName> services) {
        return new RemoteInput()
                .add(scope.directory())
                .add(scope.project())
                .add(release)
                .addAll(services);
    }

    /** Under the lock when it is held. */
    private RemoteResult run(RemoteScript script, RemoteInput input, Duration time) throws InterruptedException {
        return masked(
                shell != null
                        ? shell.run(script, input, scope.in(time))
                        : connection().run(script, input, scope.in(time)));
    }

    /** Its output is data; what programs complain of is text for people, and will be cut. */
    private RemoteResult masked(RemoteResult result) {
        return result.withError(scope.log().masked(result.error()));
    }

    private RemoteResult must(RemoteScript script, RemoteInput input, Duration time) throws InterruptedException {
        RemoteResult result = run(script, input, time);
        if (!result.succeeded()) {
            throw failures.failed(script, result);
        }
        return result;
    }

    @Override
    public void close() {
        unlock();
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
