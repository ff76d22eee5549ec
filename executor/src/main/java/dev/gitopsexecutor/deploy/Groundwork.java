package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.target.HostFacts;
import dev.gitopsexecutor.target.RemoteResult;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a deploy does on hosts before it needs their locks: as much at once as does not depend on each other. Nothing
 * that runs is changed.
 *
 * <p>A method that returns a result blocks until it is there, and throws what went wrong on the way to it.
 */
final class Groundwork implements AutoCloseable {
    private final DeploySpec spec;
    private final Fleet fleet;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Future<Map<HostName, HostFacts>> facts;
    private final Future<Map<HostName, HostSurvey>> surveys;

    /**
     * Begins to connect at once.
     *
     * @param outdated learns what was deployed before as soon as a host has told
     */
    Groundwork(DeploySpec spec, DeployScope scope, Fleet fleet, Outdated outdated, Cancellation cancellation) {
        this.spec = spec;
        this.fleet = fleet;
        this.scope = scope;
        this.cancellation = cancellation;
        facts = threads.submit(() -> fleet.each("connecting", cancellation, host -> {
            HostFacts fit = host.connect();
            host.requireTunnel(spec.checks().healthUrl());
            return fit;
        }));
        String nonce = nonce();
        surveys = threads.submit(() -> {
            facts.get();
            return fleet.each("reading the state", cancellation, host -> host.survey(nonce));
        });
        threads.execute(() -> learn(outdated));
    }

    private void learn(Outdated outdated) {
        try {
            outdated.learn(HostSurvey.states(surveys.get()));
        } catch (ExecutionException | CancellationException failed) {
            // Whoever asks for the states hears of it.
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    Map<HostName, HostFacts> facts() throws InterruptedException {
        return Fleet.result(facts);
    }

    /** Before the locks: for the plan alone. */
    Map<HostName, HostSurvey> surveys() throws InterruptedException {
        return Fleet.result(surveys);
    }

    private static String nonce() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Starts to let Compose read the file on the first host, which is what {@code compose-check.sh} answers. */
    Future<RemoteResult> check(String compose, ShippedFiles shipped) {
        return threads.submit(() -> {
            facts.get();
            return fleet.hosts().getFirst().checkCompose(compose, ComposeOverride.render(spec.services()), shipped);
        });
    }

    /** Starts to pull on every host; the result is the images with the digests that every host has. */
    Future<Pulled> pull(Optional<RegistryLogin> login) {
        return threads.submit(() -> {
            facts.get();
            List<HostDeployment> others = new ArrayList<>(fleet.hosts());
            SortedMap<ServiceName, ImageRef> exact = spec.services();
            SequencedMap<HostName, HostPull> pulls = new LinkedHashMap<>();
            if (exact.values().stream().anyMatch(image -> image.digest().isEmpty())) {
                // One host says what the tags mean; the others get exactly that.
                HostDeployment first = others.removeFirst();
                pulls.putAll(pull(List.of(first), login, exact));
                exact = pulls.firstEntry().getValue().images();
            }
            pulls.putAll(pull(others, login, exact));
            return new Pulled(exact, HostPull.lines(pulls));
        });
    }

    /** @param lines what is to be said of it */
    record Pulled(SortedMap<ServiceName, ImageRef> images, List<String> lines) {}

    private Map<HostName, HostPull> pull(
            List<HostDeployment> hosts, Optional<RegistryLogin> login, SortedMap<ServiceName, ImageRef> images)
            throws InterruptedException {
        return new Fleet(hosts, scope).pull("pulling", cancellation, host -> host.pull(login, images));
    }

    /** Ends what is still under way, without waiting for it. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
