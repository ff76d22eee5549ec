package dev.gitopsexecutor.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The report for people: one page that needs nothing else, and may do nothing. It has no script, and its policy allows none,
 * nor anything from elsewhere; its style is allowed by its hash.
 */
final class HtmlPage {
    /** Longer tables of checks are folded. */
    private static final int OPEN_CHECKS = 40;

    private final DeployReport report;
    private final Limits limits;
    private final Html page;

    private HtmlPage(DeployReport report, Limits limits, Html page) {
        this.report = report;
        this.limits = limits;
        this.page = page;
    }

    static String of(DeployReport report, Limits limits, SafeText shown) {
        Html page = new Html(shown);
        new HtmlPage(report, limits, page).write();
        return page.toString();
    }

    private void write() {
        String style = style();
        page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-")
                .raw(hash(style))
                .raw("'; base-uri 'none'; form-action 'none'\">\n")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
                .raw("<meta name=\"robots\" content=\"noindex\">\n<title>")
                .text("%s: %s".formatted(subject(), word()))
                .raw("</title>\n<style>")
                .raw(style)
                .raw("</style>\n</head>\n<body>\n<main>\n");
        banner();
        report.failure().ifPresent(this::failure);
        explanations();
        facts();
        timeline();
        hosts();
        checks();
        images();
        phases();
        next();
        page.raw("<footer>Written by gitops-executor, ")
                .text(Times.of(report.ended()))
                .raw("</footer>\n</main>\n</body>\n</html>\n");
    }

    private void banner() {
        String tone = tone();
        page.raw("<p class=\"kicker\">Deployment report</p>\n<header class=\"banner ")
                .raw(tone)
                .raw("\">");
        page.raw(
                        "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><circle class=\"icon\" cx=\"12\" cy=\"12\" r=\"11\"/>")
                .raw(
                        switch (tone) {
                            case "good" -> "<path d=\"M7 12.5l3.4 3.4L17 8.6\"/>";
                            case "back" -> "<path d=\"M16.5 16v-3a3 3 0 0 0-3-3H7.5M10.5 6.8L7.3 10l3.2 3.2\"/>";
                            default -> "<path d=\"M8 8l8 8M16 8l-8 8\"/>";
                        })
                .raw("</svg><div><span class=\"word\">")
                .text(word())
                .raw("</span><h1>")
                .text(report.sentence())
                .raw("</h1><p>")
                .text(subject())
                .raw(" · ")
                .text(Times.of(report.took()))
                .raw("</p></div></header>\n");
    }

    /** {@code shop to production}. */
    private String subject() {
        Optional<String> project = report.where()
                .flatMap(DeployReport.Where::project)
                .map(Object::toString)
                .or(() -> report.job().project());
        String what = project.orElse("Job " + report.job().id());
        return report.where()
                .map(where -> "%s to %s".formatted(what, where.environment()))
                .orElse(what);
    }

    private String word() {
        String word = report.outcome().word().replace('_', ' ');
        boolean isBack = report.outcome().kind() == DeployReport.Kind.ROLLBACK && word.equals("deployed");
        String shown = isBack ? "put back" : word;
        return shown.substring(0, 1).toUpperCase(Locale.ROOT) + shown.substring(1);
    }

    private String tone() {
        if (report.outcome().isGreen()) {
            return "good";
        }
        return switch (report.outcome().word()) {
            case "rolled_back", "canceled" -> "back";
            default -> "bad";
        };
    }

    private void failure(Failure failure) {
        page.raw(
                "<section class=\"card\" aria-labelledby=\"failure\"><h2 id=\"failure\">What failed</h2><dl class=\"block\">");
        page.raw("<div><dt>Tried to</dt><dd>").text(failure.tried()).raw("</dd></div>");
        page.raw("<div><dt>On</dt><dd>").text(failure.on()).raw("</dd></div>");
        page.raw("<div><dt>Saw</dt><dd><pre>").block(failure.saw()).raw("</pre></dd></div>");
        page.raw("<div><dt>Next</dt><dd><strong>").block(failure.next()).raw("</strong></dd></div>");
        page.raw("<div><dt>Code</dt><dd><code class=\"code\">")
                .text(failure.code())
                .raw("</code></dd></div>");
        page.raw("</dl></section>\n");
    }

    /** The first one open: with it the failure began. */
    private void explanations() {
        List<CheckJournal.Explanation> explanations = limits.explanations(report);
        if (explanations.isEmpty()) {
            return;
        }
        page.raw("<section class=\"card\" aria-labelledby=\"logs\"><h2 id=\"logs\">Containers that failed</h2>");
        String open = " open";
        for (CheckJournal.Explanation explanation : explanations) {
            page.raw("<details" + open + "><summary>")
                    .text(explanation.place())
                    .raw("</summary><pre>")
                    .block(String.join("\n", explanation.lines()))
                    .raw("</pre></details>");
            open = "";
        }
        leftOut(report.explanations().size() - explanations.size(), "hosts");
        page.raw("</section>\n");
    }

    private void facts() {
        DeployReport.Job job = report.job();
        page.raw("<section class=\"card\" aria-labelledby=\"facts\"><h2 id=\"facts\">Facts</h2><dl>");
        report.where().ifPresent(where -> {
            String name = where.environment().value();
            fact("Environment", name.equals(where.tier()) ? name : "%s (%s)".formatted(name, where.tier()));
            where.project().ifPresent(project -> fact("Compose project", project));
        });
        job.project().ifPresent(project -> fact("GitLab project", project));
        page.raw("<div><dt>Commit</dt><dd><code>")
                .text(job.commit().sha().abbreviated())
                .raw("</code> ");
        job.commit().title().ifPresent(page::text);
        job.commit().author().ifPresent(author -> page.raw(" by ").text(author));
        page.raw("</dd></div>");
        fact("Ref", job.ref());
        job.startedBy().ifPresent(login -> fact("Started by", login));
        report.wanted().ifPresent(wanted -> {
            String from = report.previous().map(RunningVersion::tags).orElse("nothing");
            fact("Version", "%s → %s".formatted(from, wanted.tags()));
            page.raw("<div><dt>Release</dt><dd><code>").text(wanted.release()).raw("</code></dd></div>");
        });
        fact("Began", Times.of(report.started()));
        page.raw("</dl>");
        links();
        page.raw("</section>\n");
    }

    private void fact(String name, Object value) {
        page.raw("<div><dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd></div>");
    }

    private void links() {
        List<Link> links = new ArrayList<>();
        report.url().ifPresent(url -> links.add(new Link(url, url.toString())));
        report.links()
                .pipeline()
                .ifPresent(url -> links.add(
                        new Link(url, "Pipeline " + report.job().pipeline().orElse(0))));
        report.links()
                .job()
                .ifPresent(url -> links.add(new Link(url, "Job " + report.job().id())));
        if (!links.isEmpty()) {
            page.raw("<ul class=\"links\">");
            links.forEach(
                    link -> page.raw("<li>").link(link.target(), link.text()).raw("</li>"));
            page.raw("</ul>");
        }
    }

    private record Link(URI target, String text) {}

    private void timeline() {
        page.raw("<section class=\"card\" aria-labelledby=\"timeline\"><h2 id=\"timeline\">Timeline</h2>");
        Timeline.draw(report, limits, page);
        if (!report.checks().isEmpty()) {
            Mark.legend(page);
        }
        page.raw("</section>\n");
    }

    private void hosts() {
        List<HostOutcome> hosts = limits.hosts(report);
        if (hosts.isEmpty()) {
            return;
        }
        page.raw("<section class=\"card long\" aria-labelledby=\"hosts\"><h2 id=\"hosts\">Hosts</h2>");
        head("stack", "Host", "Version", "Digest", "Now", "Checks", "Took");
        for (HostOutcome host : hosts) {
            page.raw("<tr role=\"row\">");
            cell("Host", "host", host.host());
            String before = host.before().map(RunningVersion::tags).orElse("–");
            String digest = host.before().map(RunningVersion::digests).orElse("–");
            cell("Version", "", "%s → %s".formatted(before, wanted(RunningVersion::tags)));
            cell("Digest", "", "%s → %s".formatted(digest, wanted(RunningVersion::digests)));
            cell("Now", "", host.after().map(RunningVersion::tags).orElse("–"));
            cell("Checks", "", host.checks());
            cell("Took", "number", Times.of(host.took()));
            page.raw("</tr>\n");
        }
        page.raw("</tbody></table>");
        leftOut(report.hosts().size() - hosts.size(), "hosts");
        page.raw("</section>\n");
    }

    private String wanted(Function<RunningVersion, String> part) {
        return report.wanted().map(part).orElse("–");
    }

    private void checks() {
        List<CheckJournal.Entry> checks = limits.checks(report);
        if (checks.isEmpty()) {
            return;
        }
        page.raw("<section class=\"card long\" aria-labelledby=\"checks\"><h2 id=\"checks\">Checks</h2>");
        List<CheckJournal.Entry> open = checks.size() <= OPEN_CHECKS
                ? checks
                : checks.stream()
                        .filter(entry -> CheckRow.of(entry).result() != CheckRow.Result.PASSED)
                        .toList();
        Set<CheckJournal.Entry> folded = new LinkedHashSet<>(checks);
        open.forEach(folded::remove);
        if (!open.isEmpty()) {
            checks(open);
        }
        if (!folded.isEmpty()) {
            page.raw("<details><summary>").raw(folded.size()).raw(" checks that passed</summary>");
            checks(folded);
            page.raw("</details>");
        }
        leftOut(report.checks().size() - checks.size(), "checks");
        page.raw("</section>\n");
    }

    private void checks(Iterable<CheckJournal.Entry> checks) {
        head("stack", "Where", "Check", "Result", "Seen", "Attempts", "Took");
        for (CheckJournal.Entry entry : checks) {
            CheckRow row = CheckRow.of(entry);
            page.raw("<tr role=\"row\">");
            cell("Where", "host", entry.place());
            cell("Check", "", row.check());
            cell("Result", row.result().word(), row.result().word());
            cell(
                    "Seen",
                    "",
                    row.saw()
                            + row.wanted().map(wanted -> "; wanted: " + wanted).orElse(""));
            cell("Attempts", "number", row.attempts());
            cell("Took", "number", Times.of(entry.took()));
            page.raw("</tr>\n");
        }
        page.raw("</tbody></table>");
    }

    private void images() {
        if (report.wanted().isEmpty()) {
            return;
        }
        page.raw(
                "<section class=\"card\" aria-labelledby=\"images\"><h2 id=\"images\">Images</h2><dl class=\"block\">");
        SortedMap<ServiceName, ImageRef> before =
                report.previous().map(RunningVersion::images).orElseGet(TreeMap::new);
        report.wanted().get().images().forEach((service, image) -> {
            page.raw("<div><dt>")
                    .text(service)
                    .raw("</dt><dd><code>")
                    .text(image)
                    .raw("</code>");
            Optional.ofNullable(before.get(service))
                    .filter(old -> !old.equals(image))
                    .ifPresent(old -> page.raw("<br><span class=\"note\">before: <code>")
                            .text(old)
                            .raw("</code></span>"));
            page.raw("</dd></div>");
        });
        page.raw("</dl></section>\n");
    }

    private void phases() {
        List<JobLog.Span> phases = limits.phases(report);
        if (phases.isEmpty()) {
            return;
        }
        page.raw("<section class=\"card long\" aria-labelledby=\"phases\"><h2 id=\"phases\">Phases</h2>");
        head("", "Phase", "Began after", "Took");
        for (JobLog.Span phase : phases) {
            page.raw("<tr role=\"row\">");
            cell("Phase", "", phase.title());
            cell("Began after", "number", Times.of(Duration.between(report.started(), phase.start())));
            cell("Took", "number", Times.of(Duration.between(phase.start(), phase.end())));
            page.raw("</tr>\n");
        }
        page.raw("</tbody></table>");
        leftOut(report.phases().size() - phases.size(), "phases");
        page.raw("</section>\n");
    }

    private void next() {
        page.raw("<section class=\"card\" aria-labelledby=\"next\"><h2 id=\"next\">Look further</h2><p>");
        report.where()
                .flatMap(DeployReport.Where::project)
                .ifPresent(project -> page.raw("On a host: <code>")
                        .text("docker ps --all --filter label=com.docker.compose.project=" + project)
                        .raw("</code>. "));
        page.raw("The whole story is in the log of ");
        String job = "job " + report.job().id();
        report.links().job().ifPresentOrElse(url -> page.link(url, job), () -> page.text(job));
        page.raw(
                report.outcome().isGreen()
                        ? "; run again, it proves the same release."
                        : "; run again, it tries the same.");
        page.raw("</p></section>\n");
    }

    private void head(String kind, String... columns) {
        page.raw("<table class=\"").raw(kind).raw("\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">");
        for (String column : columns) {
            boolean isNumber = column.equals("Took") || column.equals("Attempts") || column.startsWith("Began");
            page.raw("<th scope=\"col\" role=\"columnheader\"")
                    .raw(isNumber ? " class=\"number\">" : ">")
                    .raw(column)
                    .raw("</th>");
        }
        page.raw("</tr></thead><tbody role=\"rowgroup\">\n");
    }

    private void cell(String column, String kind, Object content) {
        page.raw("<td role=\"cell\" data-label=\"").raw(column).raw("\"");
        if (!kind.isEmpty()) {
            page.raw(" class=\"").raw(kind).raw("\"");
        }
        page.raw(">").text(content).raw("</td>");
    }

    private void leftOut(int count, String things) {
        if (count > 0) {
            page.raw("<p class=\"note\">").raw(count).raw(" more ").raw(things).raw(" are left out.</p>");
        }
    }

    private static String style() {
        try (InputStream css = Objects.requireNonNull(HtmlPage.class.getResourceAsStream("page.css"))) {
            return "\n" + new String(css.readAllBytes(), UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String hash(String style) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(style.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime has SHA-256", impossible);
        }
    }
}
