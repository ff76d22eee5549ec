package dev.gitopsexecutor.report;

import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.report.CheckRow.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The deploy as a picture: a bar for each phase and one for each check, on one axis of time. Places along the axis are
 * percentages, so that the picture is as wide as the page and its letters are as large as those around it.
 */
final class Timeline {
    private static final int MAX_LANES = 60;
    private static final int MAX_LABEL = 36;
    private static final int ROW = 32;
    private static final int AXIS = 26;
    /** Of a row, where the bar begins and how high it is. */
    private static final int BAR_TOP = 17;

    private static final int BAR = 9;
    /** In percent, so that one sees what took no time. */
    private static final double SMALLEST = 0.4;

    private static final long[] STEPS = {
        50,
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        15_000,
        30_000,
        60_000,
        120_000,
        300_000,
        600_000,
        1_800_000,
        3_600_000,
        10_800_000
    };
    private static final int MAX_TICKS = 4;

    private final DeployReport report;
    private final List<JobLog.Span> phases;
    private final Map<String, List<CheckJournal.Entry>> lanes;
    private final Html page;
    private final Instant start;
    private final long millis;

    private Timeline(DeployReport report, Limits limits, Html page) {
        this.report = report;
        this.phases = limits.phases(report);
        this.lanes = lanes(limits.checks(report));
        this.page = page;
        this.start = Stream.concat(
                        Stream.of(report.started()),
                        Stream.concat(
                                phases.stream().map(JobLog.Span::start),
                                report.checks().stream()
                                        .map(entry -> entry.known().minus(entry.took()))))
                .min(Instant::compareTo)
                .orElseThrow();
        Instant end = Stream.concat(Stream.of(report.ended()), phases.stream().map(JobLog.Span::end))
                .max(Instant::compareTo)
                .orElseThrow();
        this.millis = Math.max(1, Duration.between(start, end).toMillis());
    }

    static void draw(DeployReport report, Limits limits, Html page) {
        new Timeline(report, limits, page).draw();
    }

    /** By place; those with something to see come first when not all have room. */
    private static Map<String, List<CheckJournal.Entry>> lanes(List<CheckJournal.Entry> checks) {
        Map<String, List<CheckJournal.Entry>> all = new LinkedHashMap<>();
        checks.forEach(check ->
                all.computeIfAbsent(check.place(), _ -> new ArrayList<>()).add(check));
        if (all.size() <= MAX_LANES) {
            return all;
        }
        Map<String, List<CheckJournal.Entry>> shown = new LinkedHashMap<>();
        for (boolean wellToo : new boolean[] {false, true}) {
            all.forEach((place, entries) -> {
                boolean well =
                        entries.stream().allMatch(entry -> CheckRow.of(entry).result() == Result.PASSED);
                if (well == wellToo && shown.size() < MAX_LANES) {
                    shown.put(place, entries);
                }
            });
        }
        return shown;
    }

    private void draw() {
        int phasesEnd = AXIS + phases.size() * ROW;
        int checksTop = phasesEnd + (lanes.isEmpty() ? 0 : ROW);
        int height = checksTop + lanes.size() * ROW;
        page.raw("<div class=\"timeline\">\n");
        labels(phasesEnd, checksTop, height);
        page.raw("<svg class=\"lanes\" role=\"img\" aria-labelledby=\"timeline-title timeline-text\" height=\"")
                .raw(height)
                .raw("\"><title id=\"timeline-title\">Timeline of the deploy</title><desc id=\"timeline-text\">")
                .text("%d phases and %d checks from %d places in %s. The tables below have the same facts."
                        .formatted(
                                phases.size(),
                                lanes.values().stream().mapToInt(List::size).sum(),
                                lanes.size(),
                                Times.of(Duration.ofMillis(millis))))
                .raw("</desc>\n");
        axis(height);
        int top = AXIS;
        for (JobLog.Span phase : phases) {
            phase(phase, top);
            top += ROW;
        }
        top = checksTop;
        for (List<CheckJournal.Entry> entries : lanes.values()) {
            track(top);
            for (CheckJournal.Entry entry : entries) {
                check(entry, top);
            }
            top += ROW;
        }
        page.raw("</svg>\n</div>\n");
    }

    /** A picture of its own, so that they stand beside the bars where there is room, and above them elsewhere. */
    private void labels(int phasesEnd, int checksTop, int height) {
        page.raw("<svg class=\"labels\" aria-hidden=\"true\" height=\"")
                .raw(height)
                .raw("\">\n");
        int top = AXIS;
        for (JobLog.Span phase : phases) {
            label(phase.title(), top);
            page.raw("<text class=\"seconds\" x=\"100%\" y=\"")
                    .raw(top + 11)
                    .raw("\">")
                    .raw(Times.of(Duration.between(phase.start(), phase.end())))
                    .raw("</text>\n");
            top += ROW;
        }
        if (!lanes.isEmpty()) {
            page.raw("<text class=\"head\" x=\"0\" y=\"").raw(phasesEnd + 22).raw("\">Checks</text>\n");
        }
        top = checksTop;
        for (String place : lanes.keySet()) {
            label(place, top);
            top += ROW;
        }
        page.raw("</svg>\n");
    }

    private void label(String text, int top) {
        page.raw("<text class=\"label\" x=\"0\" y=\"").raw(top + 11).raw("\">").text(text, MAX_LABEL);
        page.raw("</text>\n");
    }

    private void axis(int height) {
        long step = LongStream.of(STEPS)
                .filter(each -> millis / each <= MAX_TICKS)
                .findFirst()
                .orElse(millis);
        for (long at = 0; at <= millis; at += step) {
            double place = percent(at);
            // The last letters must not stand outside of the picture.
            String anchor = at == 0 ? "" : place > 92 ? " end" : " middle";
            page.raw("<line class=\"grid\" x1=\"")
                    .raw(place + "%\" x2=\"" + place + "%\" y1=\"18\" y2=\"")
                    .raw(height)
                    .raw("\"/><text class=\"tick" + anchor + "\" x=\"" + place + "%\" y=\"12\">")
                    .raw(at == 0 ? "0" : tick(at))
                    .raw("</text>\n");
        }
    }

    private static String tick(long at) {
        return at < 1_000 ? at + " ms" : Times.of(Duration.ofMillis(at)).replaceFirst("\\.0+ ", " ");
    }

    private void phase(JobLog.Span phase, int top) {
        track(top);
        bar("bar phase" + kind(phase), phase.start(), phase.end(), top);
        page.raw("<title>")
                .text(phase.title())
                .raw(": ")
                .raw(Times.of(Duration.between(phase.start(), phase.end())))
                .raw("</title></rect>\n");
    }

    private String kind(JobLog.Span phase) {
        if (phase.name().equals("deploy_rollback")) {
            return " back";
        }
        boolean isLast = phase.equals(report.phases().getLast());
        boolean endedThere = !report.outcome().isGreen() && report.hosts().isEmpty();
        return isLast && endedThere ? " bad" : "";
    }

    private void check(CheckJournal.Entry entry, int top) {
        CheckRow row = CheckRow.of(entry);
        String word = row.result().word();
        bar("check " + word, entry.known().minus(entry.took()), entry.known(), top);
        page.raw("<title>")
                .text("%s %s: %s, after %s".formatted(row.check(), word, row.saw(), Times.of(entry.took())))
                .raw("</title></rect>");
        double at = percent(Duration.between(start, entry.known()).toMillis());
        Mark.draw(page, row.result(), at + "%", top + BAR_TOP + BAR / 2);
        page.raw("\n");
    }

    private void track(int top) {
        page.raw("<rect class=\"track\" width=\"100%\" height=\"" + BAR + "\" rx=\"3\" y=\"")
                .raw(top + BAR_TOP)
                .raw("\"/>");
    }

    /** Without its end tag. */
    private void bar(String kind, Instant from, Instant until, int top) {
        double left = Math.min(percent(Duration.between(start, from).toMillis()), 100 - SMALLEST);
        double right = percent(Duration.between(start, until).toMillis());
        page.raw("<rect class=\"" + kind + "\" height=\"" + BAR + "\" rx=\"3\" y=\"")
                .raw(top + BAR_TOP)
                .raw("\" x=\"" + left + "%\" width=\"" + rounded(Math.max(SMALLEST, right - left)) + "%\">");
    }

    private double percent(long at) {
        return rounded(100.0 * Math.clamp(at, 0, millis) / millis);
    }

    private static double rounded(double percent) {
        return Math.round(percent * 100) / 100.0;
    }
}
