package dev.gitopsexecutor.report;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.report.DeployReport.Kind;
import dev.gitopsexecutor.report.DeployReport.Outcome;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Deploys as they end. */
final class Samples {
    static final Instant START = Instant.parse("2026-01-31T12:00:05.250Z");

    private static final String SHA = "4c300d29c32b7e55210788f6835f3f000dc9cc7a";
    private static final Failure UNHEALTHY = new Failure(
            FailureCode.CHECK_FAILED,
            "deploy shop to production",
            "web-1, release 20260131-120009-9-4c300d29",
            """
            health: status 503
            wanted: status 2xx three times in a row
            asked:  from web-1, http://127.0.0.1:8080/health, 12 times in 60 s
            container app: running, restarted 0 times
            every changed host runs its last verified release again""",
            "Read the container's log lines, correct the application and push again.");

    private static final CheckJournal.Explanation UNWELL = new CheckJournal.Explanation(
            "web-1",
            List.of(
                    "container \"shop-app-1\" is running, its health check says unhealthy",
                    "  its health check, 3 s ago: exit code 1, connection refused",
                    "  its last 2 log lines:",
                    "| 2026-01-31 12:00:15 ERROR no connection to db:5432",
                    "| 2026-01-31 12:00:17 ERROR giving up"));

    private Samples() {}

    static DeployReport deployed(int hosts) {
        return report(new Outcome("deployed", true, Kind.DEPLOY), hosts, Optional.empty());
    }

    static DeployReport rolledBack(int hosts) {
        return report(new Outcome("rolled_back", false, Kind.DEPLOY), hosts, Optional.of(UNHEALTHY));
    }

    /** Before anything was changed, and before anybody knew what was to come. */
    static DeployReport refused(Failure failure) {
        return new DeployReport(
                Outcome.of(failure, Kind.DEPLOY),
                Optional.empty(),
                new DeployReport.Job(
                        new JobId(7),
                        OptionalLong.empty(),
                        Optional.empty(),
                        new DeployReport.Commit(new CommitSha(SHA), Optional.empty(), Optional.empty()),
                        "main",
                        Optional.empty()),
                new DeployReport.Links(Optional.empty(), Optional.empty(), Optional.empty()),
                Optional.empty(),
                START,
                at(310),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(new JobLog.Span("gitops_identity", "Proving who the job is", at(4), at(300))),
                List.of(),
                List.of(),
                Optional.of(failure));
    }

    /** Every foreign text in it is {@code text}. */
    static DeployReport hostile(String text) {
        DeployReport usual = rolledBack(1);
        return new DeployReport(
                usual.outcome(),
                usual.where(),
                new DeployReport.Job(
                        usual.job().id(),
                        usual.job().pipeline(),
                        Optional.of(text),
                        new DeployReport.Commit(new CommitSha(SHA), Optional.of(text), Optional.of(text)),
                        text,
                        Optional.of(text)),
                usual.links(),
                usual.url(),
                usual.started(),
                usual.ended(),
                usual.wanted(),
                usual.previous(),
                List.of(new HostOutcome(
                        new HostName("web-1"), usual.wanted(), Optional.empty(), text, Duration.ofSeconds(1))),
                List.of(new JobLog.Span("hosts", text, at(1), at(2))),
                List.of(new CheckJournal.Entry(
                        text, at(9), new Failed(text, text, text, text, 1, Duration.ofMillis(5)))),
                List.of(new CheckJournal.Explanation(text, List.of(text, "| " + text))),
                Optional.of(new Failure(FailureCode.CHECK_FAILED, text, text, text, text)));
    }

    static DeployReport withChecks(DeployReport report, List<CheckJournal.Entry> checks) {
        return new DeployReport(
                report.outcome(),
                report.where(),
                report.job(),
                report.links(),
                report.url(),
                report.started(),
                report.ended(),
                report.wanted(),
                report.previous(),
                report.hosts(),
                report.phases(),
                checks,
                List.of(),
                report.failure());
    }

    static DeployReport withServices(String... services) {
        DeployReport report = deployed(1);
        return new DeployReport(
                report.outcome(),
                report.where(),
                report.job(),
                report.links(),
                report.url(),
                report.started(),
                report.ended(),
                Optional.of(version("1.42.0", 'a', services)),
                report.previous(),
                report.hosts(),
                report.phases(),
                report.checks(),
                List.of(),
                report.failure());
    }

    static RunningVersion version(String number, char digit, String... services) {
        TreeMap<ServiceName, ImageRef> images = new TreeMap<>();
        for (String service : services) {
            images.put(
                    new ServiceName(service),
                    ImageRef.parse("registry.example.com/shop/%s:%s@sha256:%s"
                            .formatted(service, number, String.valueOf(digit).repeat(64))));
        }
        return new RunningVersion(new ReleaseId("20260131-120009-9-4c300d29"), images);
    }

    static Instant at(long millis) {
        return START.plusMillis(millis);
    }

    private static DeployReport report(Outcome outcome, int hosts, Optional<Failure> failure) {
        RunningVersion before = version("1.41.0", 'b', "app", "worker");
        RunningVersion wanted = version("1.42.0", 'a', "app", "worker");
        List<JobLog.Span> phases = new ArrayList<>(List.of(
                new JobLog.Span("gitops_identity", "Proving who the job is", at(20), at(140)),
                new JobLog.Span("gitops_policy", "Deciding by policy", at(141), at(180)),
                new JobLog.Span("gitops_secrets", "Reading secrets", at(300), at(520)),
                new JobLog.Span("deploy_hosts", "Hosts", at(521), at(1_010)),
                new JobLog.Span("deploy_compose", "Compose file", at(1_010), at(1_200)),
                new JobLog.Span("deploy_images", "Images", at(1_200), at(6_400)),
                new JobLog.Span("deploy_plan", "Plan", at(6_400), at(6_430)),
                new JobLog.Span("deploy_release", "Release 20260131-120009-9-4c300d29", at(6_600), at(7_250))));
        List<CheckJournal.Entry> checks = new ArrayList<>();
        List<HostOutcome> rows = new ArrayList<>();
        boolean red = failure.isPresent();
        int bad = red ? 1 : 0;
        long end = 7_300;
        for (int number = 1; number <= hosts; number++) {
            String host = "web-" + number;
            long start = 7_300 + (number - 1) * 900L;
            end = start + 5_400;
            checks.addAll(number == bad ? failing(host, end) : passing(host, end));
            rows.add(new HostOutcome(
                    new HostName(host),
                    Optional.of(before),
                    Optional.of(red ? before : wanted),
                    red ? "rolled back: health version digest" : "health version digest",
                    Duration.ofMillis(5_400)));
        }
        phases.add(new JobLog.Span(
                "deploy_wave_1",
                "Deploy wave 1 of 1: "
                        + String.join(
                                ", ",
                                IntStream.rangeClosed(1, Math.min(hosts, 8))
                                        .mapToObj(number -> "web-" + number)
                                        .toList()),
                at(7_300),
                at(end)));
        if (red) {
            phases.add(new JobLog.Span("deploy_rollback", "Roll back", at(end), at(end + 4_000)));
            end += 4_000;
        } else {
            checks.add(new CheckJournal.Entry(
                    CheckJournal.PUBLIC,
                    at(end),
                    new Passed("health", "web-1", "2xx three times in a row", 3, Duration.ofMillis(420))));
        }
        return new DeployReport(
                outcome,
                Optional.of(new DeployReport.Where(
                        new EnvironmentName("production"), "production", Optional.of(new ProjectName("shop")))),
                new DeployReport.Job(
                        new JobId(4711),
                        OptionalLong.of(815),
                        Optional.of("acme/shop"),
                        new DeployReport.Commit(
                                new CommitSha(SHA),
                                Optional.of("Show the basket's total before the customer pays"),
                                Optional.of("Ada Lovelace")),
                        "refs/heads/main",
                        Optional.of("ada")),
                new DeployReport.Links(
                        Optional.of(URI.create("https://gitlab.example.com/acme/shop/-/pipelines/815")),
                        Optional.of(URI.create("https://gitlab.example.com/acme/shop/-/jobs/4711")),
                        Optional.of(
                                URI.create(
                                        "https://gitlab.example.com/acme/shop/-/jobs/4711/artifacts/file/gitops-report/deploy-report.html"))),
                Optional.of(URI.create("https://shop.example.com/")),
                START,
                at(end + 60),
                Optional.of(wanted),
                Optional.of(before),
                rows,
                phases,
                checks,
                failure.isPresent() ? List.of(UNWELL) : List.of(),
                failure);
    }

    private static List<CheckJournal.Entry> passing(String host, long end) {
        return List.of(
                entry(
                        host,
                        end - 2_000,
                        new Passed("health", "web-1", "2xx three times in a row", 5, Duration.ofMillis(2_600))),
                entry(host, end - 2_000, new Passed("version", "web-1", "\"1.42.0\"", 5, Duration.ofMillis(2_600))),
                entry(host, end - 1_900, new Warned(smoke())),
                entry(
                        host,
                        end,
                        new Passed("digest", "web-1", "2 containers, unchanged for 2 s", 3, Duration.ofMillis(1_900))));
    }

    private static Failed smoke() {
        return new Failed("smoke basket", "web-1", "answer within 200 ms", "312 ms", 1, Duration.ofMillis(100));
    }

    private static List<CheckJournal.Entry> failing(String host, long end) {
        return List.of(entry(
                host,
                end,
                new Failed(
                        "health",
                        host + ", http://127.0.0.1:8080/health",
                        "status 2xx three times in a row",
                        "status 503",
                        12,
                        Duration.ofMillis(4_600))));
    }

    private static CheckJournal.Entry entry(String host, long millis, CheckResult result) {
        return new CheckJournal.Entry(host, at(millis), result);
    }
}
