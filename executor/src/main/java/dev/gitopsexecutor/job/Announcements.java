package dev.gitopsexecutor.job;

import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.notify.Notification;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.report.DeployReport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Makes notifications of what is known of a deploy, with every text of others masked. */
final class Announcements {
    private final UnaryOperator<String> mask;

    Announcements(UnaryOperator<String> mask) {
        this.mask = mask;
    }

    /** A deploy that begins. */
    Notification started(
            EnvironmentRule rule,
            VerifiedIdentity job,
            DeployReport.Commit commit,
            Notification.Links links,
            String version) {
        return notification(DeployEvent.STARTED, rule, job, Optional.of(version), commit, links, Optional.empty());
    }

    /** A job that the policy refused before anything was read of its commit. */
    Notification denied(EnvironmentRule rule, VerifiedIdentity job, Notification.Links links, Failure failure) {
        return notification(
                DeployEvent.DENIED,
                rule,
                job,
                Optional.empty(),
                new DeployReport.Commit(job.sha(), Optional.empty(), Optional.empty()),
                links,
                Optional.of(failure));
    }

    private Notification notification(
            DeployEvent event,
            EnvironmentRule rule,
            VerifiedIdentity job,
            Optional<String> version,
            DeployReport.Commit commit,
            Notification.Links links,
            Optional<Failure> failure) {
        return new Notification(
                event,
                false,
                rule.name(),
                rule.tier().lowerCase(),
                mask.apply(job.projectPath()),
                version.map(mask),
                Optional.empty(),
                Optional.of(committed(commit)),
                mask.apply(job.userLogin()),
                links,
                Optional.empty(),
                hosts(rule),
                failure.map(this::problem),
                failure.map(_ -> "Nothing was changed on any host."));
    }

    /** A deploy that has ended. */
    Notification ended(EnvironmentRule rule, DeployReport report) {
        return new Notification(
                report.event(),
                false,
                rule.name(),
                rule.tier().lowerCase(),
                mask.apply(report.job().project().orElse("")),
                report.wanted().map(wanted -> mask.apply(wanted.tags())),
                report.previous().map(previous -> mask.apply(previous.tags())),
                Optional.of(committed(report.job().commit())),
                mask.apply(report.job().startedBy().orElse("")),
                links(report.links()),
                Optional.of(report.took()),
                hosts(rule),
                report.failure().map(this::problem),
                now(report));
    }

    private static Notification.Links links(DeployReport.Links links) {
        return new Notification.Links(links.pipeline(), links.job(), links.report());
    }

    private static List<String> hosts(EnvironmentRule rule) {
        return rule.hosts().stream().map(host -> host.name().value()).toList();
    }

    private Notification.Commit committed(DeployReport.Commit commit) {
        return new Notification.Commit(
                commit.sha(), commit.title().map(mask), commit.author().map(mask));
    }

    private Notification.Problem problem(Failure failure) {
        return new Notification.Problem(
                failure.code().name(),
                mask.apply("Cannot %s: %s".formatted(failure.tried(), failure.saw())),
                mask.apply(failure.next()));
    }

    /** By {@link dev.gitopsexecutor.deploy.DeployOutcome#word}. */
    private static Optional<String> now(DeployReport report) {
        return Optional.of(
                        switch (report.outcome().word()) {
                            case "unchanged" -> "It ran there before; nothing was restarted.";
                            case "no_longer_well" -> "Nothing was changed; look at the hosts.";
                            case "rolled_back", "canceled" ->
                                "Every changed host runs its last verified release again, proven.";
                            case "nothing_to_roll_back_to" ->
                                "There was no earlier release: the new containers are removed.";
                            case "rollback_failed" -> "Putting the earlier release back failed too: look at the hosts.";
                            case "overtaken" -> "Another deploy has the hosts now.";
                            case "mixed" -> "Some hosts keep the new release, the others are back on theirs.";
                            case "stopped" -> "All hosts stay as they are: look at them.";
                            case DeployReport.Outcome.DENIED, DeployReport.Outcome.NOTHING_CHANGED ->
                                "Nothing was changed on any host.";
                            case DeployReport.Outcome.UNKNOWN -> "Nobody knows what was changed: look at the hosts.";
                            default -> "";
                        })
                .filter(sentence -> !sentence.isEmpty());
    }

    /** Pages of the job. */
    static Notification.Links pages(URI gitlab, VerifiedIdentity job) {
        String base = "%s/%s/-/".formatted(gitlab.toString().replaceFirst("/$", ""), job.projectPath());
        return new Notification.Links(
                Optional.of(URI.create(base + "pipelines/" + job.pipelineId())),
                Optional.of(URI.create(base + "jobs/" + job.jobId())),
                Optional.empty());
    }

    /** An example of each event, which says that it is one. */
    static Notification example(EnvironmentRule rule, DeployEvent event, URI gitlab, String operator) {
        boolean failed = event == DeployEvent.FAILED
                || event == DeployEvent.ROLLED_BACK
                || event == DeployEvent.DENIED
                || event == DeployEvent.DRIFT;
        return new Notification(
                event,
                true,
                rule.name(),
                rule.tier().lowerCase(),
                "example/project",
                Optional.of("2.0.0"),
                Optional.of("1.9.0"),
                Optional.empty(),
                operator,
                new Notification.Links(Optional.of(gitlab), Optional.empty(), Optional.empty()),
                Optional.of(Duration.ofSeconds(42)),
                hosts(rule),
                failed
                        ? Optional.of(new Notification.Problem(
                                "EXAMPLE",
                                "This is a test of the notifiers: nothing failed.",
                                "Nothing is to be done."))
                        : Optional.empty(),
                Optional.of("Somebody tests the notifiers; nothing happened."));
    }
}
