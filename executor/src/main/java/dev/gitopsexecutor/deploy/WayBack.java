package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whether each host has the images that a failed deploy would go back to; gets them where it has not. */
final class WayBack {
    private final Fleet fleet;
    private final DeployScope scope;
    private final List<ImageRef> pulled;
    private final Optional<RegistryLogin> login;
    private final boolean required;
    private final Cancellation cancellation;
    private final Set<Way> known = new HashSet<>();

    /**
     * @param pulled what every host has since its state was read
     * @param required whether a deploy without is refused
     */
    WayBack(
            Fleet fleet,
            DeployScope scope,
            Collection<ImageRef> pulled,
            Optional<RegistryLogin> login,
            boolean required,
            Cancellation cancellation) {
        this.pulled = List.copyOf(pulled);
        this.fleet = fleet;
        this.scope = scope;
        this.login = login;
        this.required = required;
        this.cancellation = cancellation;
    }

    /** From a host to the release that it would go back to. */
    private record Way(HostName host, ReleaseRecord release) {}

    /**
     * What a host lacks of it.
     *
     * @param pulled what it has since the state was read
     */
    static SortedMap<ServiceName, ImageRef> missing(HostState state, Collection<ImageRef> pulled) {
        SortedMap<ServiceName, ImageRef> missing = new TreeMap<>();
        state.lastVerified()
                .ifPresent(last -> last.staying().forEach((service, image) -> {
                    boolean isHere = pulled.stream()
                            .anyMatch(other -> other.repository().equals(image.repository())
                                    && other.digest().equals(image.digest()));
                    if (!isHere && !state.images().has(image)) {
                        missing.put(service, image);
                    }
                }));
        return missing;
    }

    /**
     * Blocks while it pulls what is missing; looks at each host's way once, however often it is asked.
     *
     * @param states of the hosts that are to change
     * @throws ExecutorException {@code NO_WAY_BACK}; nothing was changed
     */
    void secure(Map<HostName, HostState> states) throws InterruptedException {
        List<HostDeployment> lacking = fleet.hosts().stream()
                .filter(host -> states.containsKey(host.name()))
                .filter(host -> isUnknown(host.name(), states))
                .filter(host -> !missing(state(host, states), pulled).isEmpty())
                .toList();
        if (lacking.isEmpty()) {
            return;
        }
        List<String> problems = new ArrayList<>();
        new Fleet(lacking, scope)
                .pull("pulling images to go back to", cancellation, host -> problem(host, state(host, states)))
                .values()
                .forEach(problem -> problem.ifPresent(problems::add));
        if (problems.isEmpty()) {
            return;
        }
        if (required) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.NO_WAY_BACK,
                            "make sure that this deploy can be undone",
                            "%s in %s".formatted(scope.project(), scope.directory()),
                            String.join("\n", problems) + "\nnothing was changed",
                            "Let the registry have these images again, or answer; in need let an operator break the glass"
                                    + " (`gitops-executor break-glass`), or ask the owner of policy.yaml for `way_back: best_effort`."));
        }
        problems.forEach(problem -> scope.log().warning("  THERE IS NO WAY BACK. " + problem));
    }

    private boolean isUnknown(HostName host, Map<HostName, HostState> states) {
        return Objects.requireNonNull(states.get(host))
                .lastVerified()
                .filter(last -> known.add(new Way(host, last)))
                .isPresent();
    }

    private Optional<String> problem(HostDeployment host, HostState state) throws InterruptedException {
        SortedMap<ServiceName, ImageRef> missing = missing(state, pulled);
        String release = state.lastVerified().orElseThrow().id().value();
        try {
            var _ = host.pull(login, missing);
            scope.log()
                    .fact("%s: pulled what release %s needs and the host had lost: %s"
                            .formatted(host.name(), release, missing.values()));
            return Optional.empty();
        } catch (ExecutorException failed) {
            if (failed.code() == FailureCode.CANCELED || failed.code() == FailureCode.HOST_UNREACHABLE) {
                throw failed;
            }
            return Optional.of("%s: release %s needs %s, which is not there and cannot be pulled: %s"
                    .formatted(
                            host.name(),
                            release,
                            missing.values(),
                            PlainText.sentence(failed.failure().saw())));
        }
    }

    private static HostState state(HostDeployment host, Map<HostName, HostState> states) {
        return Objects.requireNonNull(states.get(host.name()));
    }
}
