package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What a deploy would change, host by host; made of facts alone, so that it can be printed before anything happens. */
record DeployPlan(Map<HostName, HostPlan> byHost) {

    DeployPlan {
        byHost = Collections.unmodifiableMap(new LinkedHashMap<>(byHost));
    }

    /**
     * The plan for one host; equal for hosts where the same happens.
     *
     * @param changes whether anything would
     * @param lines what a reader should know before it starts
     */
    record HostPlan(String head, boolean changes, List<String> lines) {
        HostPlan {
            lines = List.copyOf(lines);
        }
    }

    /**
     * Compares with what is current on each host.
     *
     * @param surveys in the order of the policy
     * @param mask takes secrets out of what is shown of files
     */
    static DeployPlan of(WantedRelease wanted, Map<HostName, HostSurvey> surveys, UnaryOperator<String> mask) {
        Map<HostName, HostPlan> plans = new LinkedHashMap<>();
        List<ImageStock> stocks =
                surveys.values().stream().map(survey -> survey.state().images()).toList();
        surveys.forEach((host, survey) -> plans.put(host, new Comparison(wanted, survey, stocks, mask).plan()));
        return new DeployPlan(plans);
    }

    boolean changesNothing() {
        return byHost.values().stream().noneMatch(HostPlan::changes);
    }

    /** Hosts with the same plan together. */
    List<String> lines() {
        Map<HostPlan, List<HostName>> same = new LinkedHashMap<>();
        byHost.forEach((host, plan) ->
                same.computeIfAbsent(plan, _ -> new ArrayList<>()).add(host));
        List<String> lines = new ArrayList<>();
        same.forEach((plan, hosts) -> {
            String names = hosts.stream().map(HostName::value).collect(Collectors.joining(", "));
            lines.add("%s: %s".formatted(names, plan.head()));
            plan.lines().forEach(line -> lines.add("  " + line));
        });
        return lines;
    }

    /** One host: what is there, and what is to come. */
    private static final class Comparison {
        private final WantedRelease wanted;
        private final HostSurvey survey;
        private final HostState state;
        private final List<ImageStock> stocks;
        private final UnaryOperator<String> mask;

        Comparison(WantedRelease wanted, HostSurvey survey, List<ImageStock> stocks, UnaryOperator<String> mask) {
            this.wanted = wanted;
            this.survey = survey;
            this.state = survey.state();
            this.stocks = stocks;
            this.mask = mask;
        }

        HostPlan plan() {
            String to = RunningVersion.describe(exact());
            List<String> changes = new ArrayList<>();
            changes.addAll(services());
            changes.addAll(compose());
            changes.addAll(variables());
            state.currentRelease()
                    .ifPresent(current ->
                            wanted.differences(current).forEach(part -> changes.addAll(lines(part, current))));
            changes.addAll(shipped());
            if (changes.isEmpty() && state.isAlready(wanted)) {
                return new HostPlan("already on %s, nothing will restart%s".formatted(to, asFar()), false, notes());
            }
            if (changes.isEmpty() && !state.hasFilesOf(wanted)) {
                changes.add("what gitops-executor itself writes beside compose.yaml changes");
            } else if (changes.isEmpty() && isProven()) {
                changes.add("its containers are not what the release says: they are started again");
            }
            unchanged().ifPresent(changes::add);
            changes.addAll(notes());
            return new HostPlan("%s -> %s".formatted(from(), to), true, changes);
        }

        private boolean isProven() {
            return state.currentRelease().flatMap(ReleaseRecord::verified).isPresent();
        }

        /** What is not known of the wanted release, and could be another than what is there. */
        private String asFar() {
            List<String> unasked = new ArrayList<>();
            if (!wanted.files().containsKey("compose.override.yaml")) {
                unasked.add("the registry");
            }
            if (!wanted.files().containsKey(".env")) {
                unasked.add("the values of secrets");
            }
            return unasked.isEmpty() ? "" : " as far as one can see without " + String.join(" and ", unasked);
        }

        private List<String> shipped() {
            String nothing = ShippedFiles.NONE.hash();
            String there = state.currentFiles().getOrDefault("files", nothing);
            if (there.equals(wanted.files().get("files"))) {
                return List.of();
            }
            return List.of("files of the repository that travel along: "
                    + (there.equals(nothing) ? "the first ones" : "others than before"));
        }

        /** Of what the record says otherwise; never empty where nothing else tells it. */
        private List<String> lines(WantedRelease.Part part, ReleaseRecord current) {
            return switch (part) {
                // Told by service, with the digests that hosts know.
                case IMAGES -> List.of();
                case CHECKS -> checks(current.checks());
                case JOBS ->
                    List.of("jobs: %s -> %s".formatted(listed(current.workload().jobs()), listed(wanted.jobs())));
                case REPLICAS -> replicas(current.workload());
                case SCHEMA -> List.of("schema: %s -> %s".formatted(shown(current.schema()), shown(wanted.schema())));
                case LATEST ->
                    List.of("latest_on_rollback: %s -> %s"
                            .formatted(shownLatest(current.latest()), shownLatest(wanted.latest())));
            };
        }

        private List<String> replicas(Workload before) {
            Workload now = new Workload(wanted.jobs(), wanted.replicas().orElseThrow());
            SortedSet<ServiceName> services = new TreeSet<>(before.replicas().keySet());
            services.addAll(now.replicas().keySet());
            return services.stream()
                    .filter(service -> !Objects.equals(
                            before.replicas().get(service), now.replicas().get(service)))
                    .map(service -> "replicas of %s: %d -> %d"
                            .formatted(service, before.replicas(service), now.replicas(service)))
                    .toList();
        }

        private static String listed(Collection<?> names) {
            return names.isEmpty()
                    ? "none"
                    : names.stream().map(Object::toString).collect(Collectors.joining(", "));
        }

        private static String shown(SchemaSpec schema) {
            return "version %d, oldest %d".formatted(schema.version(), schema.oldest());
        }

        /** Where they are in Vault, which is no secret. */
        private static String shownLatest(SortedMap<EnvKey, SecretRef> latest) {
            return listed(latest.entrySet().stream()
                    .map(entry -> "%s (%s)".formatted(entry.getKey(), entry.getValue()))
                    .toList());
        }

        private String from() {
            return state.lastVerified()
                    .map(release -> release.version().describe())
                    .orElse("nothing of ours");
        }

        private SortedMap<ServiceName, ImageRef> before() {
            return state.currentRelease().map(ReleaseRecord::images).orElse(new TreeMap<>());
        }

        private SortedMap<ServiceName, ImageRef> exact() {
            SortedMap<ServiceName, ImageRef> exact = new TreeMap<>();
            wanted.images().forEach((service, image) -> exact.put(service, known(image)));
            return exact;
        }

        /**
         * With the digest that the host knows for the tag, where it is not known otherwise. Only the first host pulls by tag:
         * what it says the tag is, the others may have without that name.
         */
        private ImageRef known(ImageRef image) {
            return state.images()
                    .digest(image)
                    .map(image::withDigest)
                    .or(() -> stocks.stream()
                            .flatMap(stock -> stock.digest(image).stream())
                            .map(image::withDigest)
                            .filter(state.images()::has)
                            .findFirst())
                    .orElse(image);
        }

        private List<String> services() {
            List<String> lines = new ArrayList<>();
            SortedMap<ServiceName, ImageRef> before = before();
            wanted.images().forEach((service, image) -> {
                ImageRef old = before.get(service);
                ImageRef exact = known(image);
                if (old == null) {
                    lines.add("%s: new, %s".formatted(service, full(exact)));
                } else if (!old.equals(exact)) {
                    boolean moved = !old.repository().equals(exact.repository());
                    lines.add("%s: %s -> %s"
                            .formatted(service, moved ? full(old) : brief(old), moved ? full(exact) : brief(exact)));
                }
            });
            before.keySet().stream()
                    .filter(service -> !wanted.images().containsKey(service))
                    .forEach(service -> lines.add(noLongerListed(service)));
            return lines;
        }

        private Optional<String> unchanged() {
            String same = wanted.images().entrySet().stream()
                    .filter(entry -> known(entry.getValue()).equals(before().get(entry.getKey())))
                    .map(entry -> "%s %s".formatted(entry.getKey(), brief(known(entry.getValue()))))
                    .collect(Collectors.joining(", "));
            return same.isEmpty() ? Optional.empty() : Optional.of("unchanged images: " + same);
        }

        /** Compose leaves it alone: a deploy touches the services that deploy.yaml lists. */
        private String noLongerListed(ServiceName service) {
            String containers = state.containers().stream()
                    .filter(container -> container.service().equals(service.value()))
                    .map(container -> PlainText.sentence(container.name()))
                    .sorted()
                    .collect(Collectors.joining(" "));
            return containers.isEmpty()
                    ? "%s: no longer listed, and has no container".formatted(service)
                    : "%s: no longer listed: its container stays until you remove it (docker rm --force %s)"
                            .formatted(service, containers);
        }

        private List<String> compose() {
            Optional<String> before =
                    survey.compose().filter(_ -> state.currentRelease().isPresent());
            if (before.isEmpty()) {
                return List.of("compose.yaml: new, %d lines"
                        .formatted(wanted.compose().lines().count()));
            }
            List<String> diff = LineDiff.of(mask.apply(before.get()), mask.apply(wanted.compose()));
            if (diff.isEmpty()) {
                // Where lines end differently, or where only secrets differ that are masked.
                return before.get().equals(wanted.compose()) ? List.of() : List.of("compose.yaml: changed");
            }
            List<String> lines = new ArrayList<>();
            lines.add("compose.yaml:");
            diff.forEach(line -> lines.add("  " + PlainText.line(line)));
            return lines;
        }

        /** Names alone, never values. */
        private List<String> variables() {
            Map<String, String> before = state.currentRelease().isPresent() ? survey.variables() : Map.of();
            List<String> added = new ArrayList<>();
            List<String> changed = new ArrayList<>();
            wanted.variables().forEach((key, value) -> {
                if (!before.containsKey(key.value())) {
                    added.add(key.value());
                } else if (isOther(key, value)) {
                    changed.add(key.value());
                }
            });
            List<String> removed = before.keySet().stream()
                    .map(PlainText::sentence)
                    .filter(name -> wanted.variables().keySet().stream()
                            .noneMatch(key -> key.value().equals(name)))
                    .toList();
            List<String> lines = new ArrayList<>();
            add("variables added", added, lines);
            add("variables removed", removed, lines);
            add("variables with another value", changed, lines);
            return lines;
        }

        private boolean isOther(EnvKey key, Optional<SecretValue> value) {
            return value.isPresent() && !survey.has(key, value.get());
        }

        private static void add(String title, List<String> names, List<String> lines) {
            if (!names.isEmpty()) {
                lines.add("%s: %s".formatted(title, String.join(", ", names)));
            }
        }

        private List<String> checks(CheckSpec old) {
            CheckSpec now = wanted.checks();
            List<String> lines = new ArrayList<>();
            addChange("health url", old.healthUrl().toString(), now.healthUrl().toString(), lines);
            addChange(
                    "health deadline",
                    old.deadline().toSeconds() + " s",
                    now.deadline().toSeconds() + " s",
                    lines);
            addChange("version", shown(old.version()), shown(now.version()), lines);
            addChange(
                    "public url",
                    old.publicUrl().map(URI::toString).orElse("none"),
                    now.publicUrl().map(URI::toString).orElse("none"),
                    lines);
            addChange(
                    "stability",
                    old.stability().toSeconds() + " s",
                    now.stability().toSeconds() + " s",
                    lines);
            addSmoke(old.smoke(), now.smoke(), lines);
            return lines.isEmpty() ? List.of("checks: changed") : lines;
        }

        private static void addSmoke(List<SmokeSpec> old, List<SmokeSpec> now, List<String> lines) {
            Map<String, SmokeSpec> before = byName(old);
            Map<String, SmokeSpec> after = byName(now);
            add("smoke checks added", names(after, name -> !before.containsKey(name)), lines);
            add("smoke checks removed", names(before, name -> !after.containsKey(name)), lines);
            add(
                    "smoke checks changed",
                    names(after, name -> {
                        SmokeSpec was = before.get(name);
                        return was != null && !was.equals(after.get(name));
                    }),
                    lines);
        }

        private static Map<String, SmokeSpec> byName(List<SmokeSpec> checks) {
            Map<String, SmokeSpec> named = new TreeMap<>();
            checks.forEach(check -> named.put(check.name(), check));
            return named;
        }

        private static List<String> names(Map<String, SmokeSpec> checks, Predicate<String> which) {
            return checks.keySet().stream()
                    .filter(which)
                    .map(PlainText::sentence)
                    .toList();
        }

        private static void addChange(String what, String old, String now, List<String> lines) {
            if (!old.equals(now)) {
                lines.add("check, %s: %s -> %s".formatted(what, PlainText.sentence(old), PlainText.sentence(now)));
            }
        }

        private static String shown(Optional<VersionSpec> version) {
            return version.map(spec -> "%s is the tag of %s%s"
                            .formatted(spec.pointer(), spec.service(), spec.required() ? "" : ", if it is there"))
                    .orElse("not asked for");
        }

        private List<String> notes() {
            List<String> notes = new ArrayList<>();
            state.failureOf(wanted.commit()).ifPresent(failed -> notes.add(failed.describe()));
            Optional<ReleaseRecord> last = state.lastVerified();
            boolean cutOff = state.current().isPresent()
                    && state.currentRelease().flatMap(ReleaseRecord::verified).isEmpty();
            if (cutOff) {
                notes.add("release %s was never verified: an earlier deploy was cut off"
                        .formatted(state.current().get()));
            }
            SchemaSpec schema = wanted.schema();
            last.filter(release -> !state.schema().and(schema).allows(release.schema()))
                    .ifPresent(release -> notes.add(
                            "if it fails it will not be rolled back: schema %d, on which releases below schema %d do not run; %s is of schema %d"
                                    .formatted(
                                            schema.version(),
                                            schema.oldest(),
                                            release.id(),
                                            release.schema().version())));
            if (last.isEmpty()) {
                notes.add("no verified release is there: if this one fails, there is nothing to go back to");
                wanted.images().keySet().stream()
                        .filter(service -> state.containers().stream()
                                .anyMatch(container -> container.service().equals(service.value())))
                        .forEach(service ->
                                notes.add("service %s runs there, started by somebody else: it will be replaced"
                                        .formatted(service)));
            }
            return notes;
        }

        private static String full(ImageRef image) {
            return image.repository() + ":" + brief(image);
        }

        private static String brief(ImageRef image) {
            return "%s (%s)"
                    .formatted(
                            image.tag().orElse("no tag"),
                            image.digest()
                                    .map(digest -> digest.abbreviated())
                                    .orElse("digest is known when it is pulled"));
        }
    }
}
