package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.target.SshIdentity;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a deploy would do, seen on the hosts of an environment; may pull its images ahead of it. Takes no lock, writes no
 * file and changes nothing that runs. The values of secrets are not read for it.
 */
public final class Preview implements AutoCloseable {
    private final EnvironmentRule rule;
    private final Source source;
    private final DeploySpec spec;
    private final DeployScope scope;
    private final Fleet fleet;
    private final Outdated outdated;
    private final Groundwork groundwork;
    private final JobLog log;

    /** Whose deploy is looked ahead to. */
    public sealed interface Source {
        CommitSha commit();

        /**
         * One that has begun.
         *
         * @param order how its commit stands to the given one; may block for some seconds
         */
        record Job(Origin origin, Function<CommitSha, CommitOrder> order) implements Source {
            @Override
            public CommitSha commit() {
                return origin.sha();
            }
        }

        /** Of files at somebody's desk: nobody knows the job yet. */
        record Tree(CommitSha commit) implements Source {}
    }

    private Preview(
            EnvironmentRule rule, Source source, DeploySpec spec, DeployScope scope, Cancellation cancellation) {
        this.rule = rule;
        this.source = source;
        this.spec = spec;
        this.scope = scope;
        this.fleet = Deployment.fleet(rule, scope);
        Function<CommitSha, CommitOrder> order = switch (source) {
            case Source.Job job -> job.order();
            case Source.Tree _ -> _ -> CommitOrder.UNKNOWN;
        };
        this.outdated = new Outdated(scope.origin(), order, scope.log());
        this.groundwork = new Groundwork(spec, scope, fleet, outdated, cancellation);
        this.log = scope.log();
    }

    /** Starts to connect to the hosts and returns at once. */
    public static Preview begin(
            EnvironmentRule rule,
            Source source,
            DeploySpec spec,
            Supplier<SshIdentity> login,
            JobLog log,
            InstantSource clock,
            Cancellation cancellation) {
        Origin origin = switch (source) {
            case Source.Job job -> job.origin();
            case Source.Tree tree -> Origin.nobody(tree.commit());
        };
        DeployScope scope = Deployment.scope(
                rule,
                origin,
                "nobody: it takes no lock",
                spec.project(),
                login,
                DeployTimes.defaults(),
                log,
                clock,
                new CheckJournal(clock));
        return new Preview(rule, source, spec, scope, cancellation);
    }

    /**
     * Blocks; prints what a deploy would change.
     *
     * @param compose the text of the Compose file
     * @param shipped the files that travel with it
     * @return whether that is anything
     */
    public boolean plan(String compose, ShippedFiles shipped) throws InterruptedException {
        ComposeConfig.requireSize(compose, spec.composePath());
        printFacts();
        return plan(compose, shipped, spec.services());
    }

    /**
     * Pulls the images on every host and prints the plan. Blocks; throws what keeps an image from being pulled, and where a
     * host has releases of another project than the job's: what is there is not for its log.
     */
    public void pull(String compose, ShippedFiles shipped, Optional<RegistryLogin> login) throws InterruptedException {
        ComposeConfig.requireSize(compose, spec.composePath());
        if (source instanceof Source.Job) {
            HostSurvey.states(groundwork.surveys())
                    .forEach((host, state) -> scope.requireOwnReleases(host, state, rule.name()));
        }
        var pulled = groundwork.pull(login);
        printFacts();
        SortedMap<ServiceName, ImageRef> images;
        try (var _ = log.section("prepare_images", "Images")) {
            images = Fleet.result(pulled);
            fleet.hosts().forEach(host -> log.fact("%s: has all images".formatted(host.name())));
            images.forEach((service, image) -> log.fact("%s: %s".formatted(service, image)));
        }
        var _ = plan(compose, shipped, images);
    }

    private void printFacts() throws InterruptedException {
        try (var _ = log.section("prepare_hosts", "Hosts")) {
            groundwork.facts().forEach((host, facts) -> log.fact("%s: %s".formatted(host, facts.describe())));
        }
    }

    private boolean plan(String compose, ShippedFiles shipped, SortedMap<ServiceName, ImageRef> images)
            throws InterruptedException {
        try (var _ = log.section("prepare_plan", "Plan")) {
            Map<HostName, HostSurvey> surveys = groundwork.surveys();
            EnvironmentSpec variables = spec.environment(rule.name());
            DeployPlan plan = DeployPlan.of(
                    WantedRelease.of(spec, source.commit(), images, variables, compose, shipped), surveys, log::masked);
            plan.lines().forEach(log::fact);
            if (!variables.secrets().isEmpty()) {
                log.fact("Vault was not asked for the values of secrets: only their names are compared.");
            }
            log.fact("Compose was not asked how many replicas it makes of its file: only the file's text is compared.");
            surveys.forEach((host, survey) -> obstacles(host, survey, images.values())
                    .forEach(line -> log.warning("  %s: %s".formatted(host, line))));
            return !plan.changesNothing();
        }
    }

    /** What would keep a deploy from this host, as far as it can be told now. */
    private List<String> obstacles(HostName host, HostSurvey survey, Collection<ImageRef> images) {
        List<String> lines = new ArrayList<>();
        HostState state = survey.state();
        switch (source) {
            case Source.Job _ -> {
                if (!rule.gates().outdated()) {
                    refusal(() -> outdated.requireNewest(Map.of(host, state))).ifPresent(lines::add);
                }
            }
            case Source.Tree _ -> foreign(state).ifPresent(lines::add);
        }
        if (!state.schema().allows(spec.schema())) {
            lines.add("a deploy would be refused: " + state.schema().refusal(spec.schema()));
        }
        survey.holder()
                .ifPresent(holder -> lines.add("the lock is held, a deploy would wait: "
                        + holder.describe(scope.clock().instant())));
        SortedMap<ServiceName, ImageRef> lost = WayBack.missing(state, images);
        if (!lost.isEmpty()) {
            lines.add("the images of the release to go back to are gone: %s; a deploy pulls them again%s"
                    .formatted(
                            lost.values(),
                            rule.wayBackRequired() ? ", and is refused when it cannot" : ", or goes on without"));
        }
        return lines;
    }

    private static Optional<String> refusal(Runnable requirement) {
        try {
            requirement.run();
            return Optional.empty();
        } catch (ExecutorException refused) {
            return Optional.of("a deploy would be refused: " + refused.failure().saw());
        }
    }

    private Optional<String> foreign(HostState state) {
        return state.foreign(rule.jobs().projects(), spec.project(), rule.name())
                .findFirst()
                .map(release ->
                        "a deploy would be refused: release %s is of project id %s, Compose project \"%s\", environment \"%s\""
                                .formatted(
                                        release.id(),
                                        release.origin().project(),
                                        release.project(),
                                        release.environment()));
    }

    @Override
    public void close() {
        groundwork.close();
        fleet.close();
        scope.close();
    }
}
