package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a {@link Rollback} says of how it ended, and of what operators have to do by hand. */
final class RollbackWords {
    private final DeployScope scope;
    private final Fleet fleet;
    private final Release release;
    private final ReleaseRecord failed;

    /** {@code release} is the one that failed. */
    RollbackWords(DeployScope scope, Fleet fleet, Release release) {
        this.scope = scope;
        this.fleet = fleet;
        this.release = release;
        this.failed = release.record();
    }

    static String firstLine(Failure cause) {
        return cause.saw().lines().findFirst().orElse("?");
    }

    /**
     * What happens now on the hosts that a failed release has changed: {@code Now: putting release … (v1) back on web-1}.
     *
     * @param previous the release that belongs on a host
     */
    static String next(List<HostDeployment> touched, Function<HostDeployment, Optional<ReleaseRecord>> previous) {
        if (touched.isEmpty()) {
            return "Now: no host is to be put back.";
        }
        Map<String, List<HostDeployment>> acts = touched.stream()
                .collect(Collectors.groupingBy(
                        host -> previous.apply(host)
                                .map(record -> "putting release %s (%s) back on"
                                        .formatted(record.id(), record.version().tags()))
                                .orElse("removing the first release, there is no other, from"),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return acts.entrySet().stream()
                .map(act -> "%s %s".formatted(act.getKey(), names(act.getValue())))
                .collect(Collectors.joining("; ", "Now: ", "."));
    }

    static String names(List<HostDeployment> hosts) {
        return hosts.stream().map(host -> host.name().value()).collect(Collectors.joining(", "));
    }

    /** Nothing when no host keeps the new release. */
    List<String> mixed(List<HostDeployment> kept) {
        return kept.isEmpty()
                ? List.of()
                : List.of(
                        "THE ENVIRONMENT IS MIXED: %s run%s the new release %s, proven; the other %d of %d hosts do not"
                                .formatted(
                                        names(kept),
                                        kept.size() == 1 ? "s" : "",
                                        failed.id(),
                                        fleet.hosts().size() - kept.size(),
                                        fleet.hosts().size()));
    }

    /** Of the deploy, with how things are {@code now}. */
    static Failure failure(Failure cause, String now) {
        return new Failure(cause.code(), cause.tried(), cause.on(), cause.saw() + "\nnow: " + now, cause.next());
    }

    /** @param lines one of each host that was left to another deploy */
    Failure overtaken(Failure cause, Collection<String> lines) {
        return new Failure(
                FailureCode.LOCK_LOST,
                "deploy %s to %s".formatted(scope.project(), failed.environment()),
                "release " + failed.id(),
                "this deploy lost its lock before it had ended, and another came\n%s\nbefore that: %s"
                        .formatted(String.join("\n", lines), cause.saw()),
                "Retry the job if its release is still wanted.");
    }

    /** @param lines one block of each host that could not be put back, and what else is to be known */
    Failure rollbackFailed(Failure cause, Collection<String> lines) {
        return new Failure(
                FailureCode.ROLLBACK_FAILED,
                "put the last release back",
                "%s in %s".formatted(scope.project(), failed.environment()),
                "the deploy failed: %s\n%s".formatted(cause.saw(), String.join("\n", lines)),
                "Tell the operators: on each host above with commands run them, then look at its containers.");
    }

    /**
     * What an operator has to do on a host, in commands that touch no service but those of the release.
     *
     * @param previous the release that belongs there
     * @param why {@code act now}
     */
    String byHand(HostDeployment host, Optional<ReleaseRecord> previous, String saw, String why) {
        String commands = previous.map(
                        record -> "ln -sfn .gitops/releases/%s %s/current\n  %s up -d --no-deps --pull never %s"
                                .formatted(record.id(), scope.directory(), compose(record), services(record.staying())))
                .orElseGet(() -> release.isBroughtBack()
                        ? "docker compose -p %s ps".formatted(scope.project())
                        : "%s rm --stop --force %s".formatted(compose(failed), services(failed.images())));
        return "%s: %s\n  %s: as %s run:\n  %s"
                .formatted(host.name(), saw, why, host.host().endpoint(), commands);
    }

    private String compose(ReleaseRecord record) {
        String files = "%s/.gitops/releases/%s".formatted(scope.directory(), record.id());
        return "docker compose -p %s --profile gitops-executor --project-directory %s%s -f %s/compose.yaml -f %s/compose.override.yaml --env-file /dev/null"
                .formatted(scope.project(), files, record.files().isPresent() ? "/files" : "", files, files);
    }

    private static String services(SortedMap<ServiceName, ImageRef> services) {
        return services.keySet().stream().map(ServiceName::value).collect(Collectors.joining(" "));
    }
}
