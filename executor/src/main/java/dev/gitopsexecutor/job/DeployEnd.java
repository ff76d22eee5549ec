package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.OutcomeTable;
import dev.gitopsexecutor.deploy.PhaseTable;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.notify.Notification;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.report.DeployReport;
import dev.gitopsexecutor.report.DeployReport.Kind;
import dev.gitopsexecutor.report.DeployReport.Outcome;
import dev.gitopsexecutor.report.ReportFiles;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.secrets.Masker;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Where every deploy ends, green or red: the closing table, the report, and then what makes the job red. */
final class DeployEnd {
    private static final String PAGE = ReportWriter.DIRECTORY + "/" + ReportFiles.PAGE;

    private final ExecutorConfig config;
    private final JobResponse response;
    private final Admission admission;
    private final Checkout checkout;
    private final ReportWriter writer;
    private final InstantSource clock;
    private final JobLog log;
    private final Instant started;
    private final CheckJournal checks;
    private final Announcer announcer;
    private Kind kind = Kind.DEPLOY;
    private Optional<ProjectName> project = Optional.empty();
    private Optional<URI> url = Optional.empty();

    DeployEnd(
            ExecutorConfig config,
            JobResponse response,
            Admission admission,
            Checkout checkout,
            ReportWriter writer,
            Instant started,
            InstantSource clock,
            Masker masker,
            JobLog log) {
        this.config = config;
        this.response = response;
        this.admission = admission;
        this.checkout = checkout;
        this.writer = writer;
        this.clock = clock;
        this.log = log;
        this.started = started;
        this.checks = new CheckJournal(clock);
        this.announcer = new Announcer(config, masker, clock, log);
    }

    /** Of this deploy. */
    CheckJournal checks() {
        return checks;
    }

    /** Tells the Compose project as soon as it is known, and where users come to it. */
    void deploys(ProjectName deployed, Optional<URI> place) {
        project = Optional.of(deployed);
        url = place;
    }

    /** Tells people that it begins, and goes on at once. */
    void begins(Allowed allowed, String version) {
        announcer.begin(
                allowed.environment(),
                () -> new Announcements(log::masked)
                        .started(
                                allowed.environment(),
                                allowed.identity(),
                                checkout.commit(),
                                Announcements.pages(config.gitlab(), allowed.identity()),
                                version));
    }

    /** Tells that what comes was there before. */
    void isRollback() {
        kind = Kind.ROLLBACK;
    }

    /** Throws what makes the job red. */
    void conclude(DeployOutcome outcome) {
        List<JobLog.Span> phases = log.spans();
        attempt("There is no table of the outcome", () -> print(outcome));
        tell(() -> report(
                new Outcome(outcome.word(), outcome.failure().isEmpty(), kind),
                Optional.of(outcome.wanted()),
                outcome.hosts(),
                phases,
                outcome.failure()));
        outcome.failure().ifPresent(failure -> {
            throw new ExecutorException(failure);
        });
        log.success(kind == Kind.ROLLBACK ? "Put back, proven healthy." : "Deployed, proven healthy.");
    }

    private void print(DeployOutcome outcome) {
        try (var _ = log.section("gitops_outcome", "Outcome")) {
            OutcomeTable.render(outcome).forEach(log::line);
            log.line("");
            PhaseTable.lines(log.took()).forEach(log::line);
        }
    }

    /** After what was thrown instead of an outcome, which the caller throws on. */
    void conclude(Failure failure) {
        if (admission.identity().filter(job -> !job.deploys()).isEmpty()) {
            tell(() ->
                    report(Outcome.of(failure, kind), Optional.empty(), List.of(), log.spans(), Optional.of(failure)));
        }
    }

    /** To whoever is to know. None of it changes how the job ends. */
    private void tell(Supplier<DeployReport> facts) {
        attempt("Nobody is told how this ended", () -> {
            DeployReport report = facts.get();
            attempt("There is no report", () -> write(report));
            attempt("Nobody is told how this ended", () -> announce(report));
        });
    }

    /** A bug in what only tells must not change what it tells of. */
    private void attempt(String otherwise, Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException | LinkageError | OutOfMemoryError bug) {
            log.warning("%s: %s".formatted(otherwise, bug));
        }
    }

    private void write(DeployReport report) {
        try {
            writer.write(ReportFiles.of(report, log::masked)).ifPresent(this::notWritten);
        } catch (ExecutorException failed) {
            notWritten(failed.failure().saw());
        }
    }

    private void notWritten(String saw) {
        log.warning("There is no report in %s: %s".formatted(ReportWriter.DIRECTORY, PlainText.sentence(saw)));
    }

    private void announce(DeployReport report) {
        admission
                .rule()
                .ifPresent(rule ->
                        announcer.tell(rule, report.event(), () -> new Announcements(log::masked).ended(rule, report)));
    }

    private DeployReport report(
            Outcome outcome,
            Optional<RunningVersion> wanted,
            List<HostOutcome> hosts,
            List<JobLog.Span> phases,
            Optional<Failure> failure) {
        Optional<VerifiedIdentity> job = admission.identity();
        return new DeployReport(
                outcome,
                admission.rule().map(this::where),
                new DeployReport.Job(
                        response.id(),
                        job.map(it -> OptionalLong.of(it.pipelineId())).orElse(response.pipelineId()),
                        job.map(JobClaims::projectPath),
                        checkout.commit(),
                        job.map(JobClaims::refPath).orElse(response.ref()),
                        job.map(JobClaims::userLogin)),
                links(outcome, job),
                url,
                started,
                clock.instant(),
                wanted,
                hosts.stream().flatMap(host -> host.before().stream()).findFirst(),
                hosts,
                phases,
                checks.entries(),
                checks.explanations(),
                failure);
    }

    private DeployReport.Where where(EnvironmentRule rule) {
        return new DeployReport.Where(rule.name(), rule.tier().lowerCase(), project);
    }

    private DeployReport.Links links(Outcome outcome, Optional<VerifiedIdentity> job) {
        Optional<Notification.Links> pages = job.map(it -> Announcements.pages(config.gitlab(), it));
        Optional<URI> page = pages.flatMap(Notification.Links::job);
        return new DeployReport.Links(
                pages.flatMap(Notification.Links::pipeline),
                page,
                page.filter(_ -> response.keeps(PAGE, outcome.isGreen()))
                        .map(base -> URI.create(base + "/artifacts/file/" + PAGE)));
    }
}
