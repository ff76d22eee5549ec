package dev.gitopsexecutor.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * The report for programs: {@code schema} is 1 as long as members are only added. A member is always there, {@code null} when
 * nobody knows it; times are UTC as in ISO 8601, durations seconds with a fraction.
 */
final class ReportJson {
    private static final int SCHEMA = 1;
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator json;
    private final SafeText shown;

    private ReportJson(JsonGenerator json, SafeText shown) {
        this.json = json;
        this.shown = shown;
    }

    static String of(DeployReport report, Limits limits, SafeText shown) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text).useDefaultPrettyPrinter()) {
            new ReportJson(json, shown).write(report, limits);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.append("\n").toString();
    }

    private void write(DeployReport report, Limits limits) throws IOException {
        json.writeStartObject();
        json.writeNumberField("schema", SCHEMA);
        outcome(report);
        environment(report);
        job(report.job());
        commit(report.job().commit());
        json.writeObjectFieldStart("links");
        text("pipeline", report.links().pipeline());
        text("job", report.links().job());
        text("report", report.links().report());
        json.writeEndObject();
        text("started", Optional.of(time(report.started())));
        text("ended", Optional.of(time(report.ended())));
        seconds(report.took());
        release("release", report.wanted());
        release("previous", report.previous());
        json.writeArrayFieldStart("hosts");
        for (HostOutcome host : limits.hosts(report)) {
            host(host);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("phases");
        for (JobLog.Span phase : limits.phases(report)) {
            phase(phase);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("checks");
        for (CheckJournal.Entry check : limits.checks(report)) {
            check(check);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("explanations");
        for (CheckJournal.Explanation explanation : limits.explanations(report)) {
            json.writeStartObject();
            text("place", Optional.of(explanation.place()));
            block("text", String.join("\n", explanation.lines()));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("left_out");
        json.writeNumberField(
                "hosts", report.hosts().size() - limits.hosts(report).size());
        json.writeNumberField(
                "phases", report.phases().size() - limits.phases(report).size());
        json.writeNumberField(
                "checks", report.checks().size() - limits.checks(report).size());
        json.writeNumberField(
                "explanations",
                report.explanations().size() - limits.explanations(report).size());
        json.writeEndObject();
        failure(report.failure());
        json.writeEndObject();
    }

    private void outcome(DeployReport report) throws IOException {
        json.writeObjectFieldStart("outcome");
        text("word", Optional.of(report.outcome().word()));
        json.writeBooleanField("green", report.outcome().isGreen());
        text("kind", Optional.of(report.outcome().kind().name().toLowerCase(Locale.ROOT)));
        text("sentence", Optional.of(report.sentence()));
        json.writeEndObject();
    }

    private void environment(DeployReport report) throws IOException {
        json.writeObjectFieldStart("environment");
        text("name", report.where().map(where -> where.environment().value()));
        text("tier", report.where().map(DeployReport.Where::tier));
        text("compose_project", report.where().flatMap(DeployReport.Where::project));
        text("url", report.url());
        json.writeEndObject();
    }

    private void job(DeployReport.Job job) throws IOException {
        json.writeObjectFieldStart("job");
        json.writeNumberField("id", job.id().value());
        if (job.pipeline().isPresent()) {
            json.writeNumberField("pipeline", job.pipeline().getAsLong());
        } else {
            json.writeNullField("pipeline");
        }
        text("project", job.project());
        text("ref", Optional.of(job.ref()));
        text("started_by", job.startedBy());
        json.writeEndObject();
    }

    private void commit(DeployReport.Commit commit) throws IOException {
        json.writeObjectFieldStart("commit");
        text("sha", Optional.of(commit.sha()));
        text("title", commit.title());
        text("author", commit.author());
        json.writeEndObject();
    }

    private void release(String name, Optional<RunningVersion> version) throws IOException {
        if (version.isEmpty()) {
            json.writeNullField(name);
            return;
        }
        json.writeObjectFieldStart(name);
        text("id", version.map(RunningVersion::release));
        text("version", version.map(RunningVersion::tags));
        json.writeObjectFieldStart("images");
        for (var image : version.get().images().entrySet()) {
            ImageRef reference = image.getValue();
            json.writeObjectFieldStart(image.getKey().value());
            text("repository", Optional.of(reference.repository()));
            text("tag", reference.tag());
            text("digest", reference.digest());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void host(HostOutcome host) throws IOException {
        json.writeStartObject();
        text("name", Optional.of(host.host()));
        version("before", host.before());
        version("after", host.after());
        text("checks", Optional.of(host.checks()));
        seconds(host.took());
        json.writeEndObject();
    }

    private void version(String name, Optional<RunningVersion> version) throws IOException {
        if (version.isEmpty()) {
            json.writeNullField(name);
            return;
        }
        json.writeObjectFieldStart(name);
        text("release", version.map(RunningVersion::release));
        text("version", version.map(RunningVersion::tags));
        json.writeEndObject();
    }

    private void phase(JobLog.Span phase) throws IOException {
        json.writeStartObject();
        text("name", Optional.of(phase.name()));
        text("title", Optional.of(phase.title()));
        text("start", Optional.of(time(phase.start())));
        text("end", Optional.of(time(phase.end())));
        seconds(Duration.between(phase.start(), phase.end()));
        json.writeEndObject();
    }

    private void check(CheckJournal.Entry entry) throws IOException {
        CheckRow row = CheckRow.of(entry);
        json.writeStartObject();
        text("place", Optional.of(entry.place()));
        text("check", Optional.of(row.check()));
        text("result", Optional.of(row.result().word()));
        text("saw", Optional.of(row.saw()));
        text("wanted", row.wanted());
        json.writeNumberField("attempts", row.attempts());
        text("known", Optional.of(time(entry.known())));
        seconds(entry.took());
        json.writeEndObject();
    }

    private void failure(Optional<Failure> failure) throws IOException {
        if (failure.isEmpty()) {
            json.writeNullField("failure");
            return;
        }
        json.writeObjectFieldStart("failure");
        text("code", failure.map(Failure::code));
        text("tried", failure.map(Failure::tried));
        text("on", failure.map(Failure::on));
        block("saw", failure.get().saw());
        block("next", failure.get().next());
        json.writeEndObject();
    }

    private void text(String name, Optional<?> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(name, shown.line(value.get().toString()));
        } else {
            json.writeNullField(name);
        }
    }

    private void block(String name, String value) throws IOException {
        json.writeStringField(name, shown.block(value));
    }

    private void seconds(Duration took) throws IOException {
        json.writeNumberField("seconds", took.toMillis() / 1000.0);
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
