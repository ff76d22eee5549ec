package dev.gitopsexecutor.report;

import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.io.JobLog;
import java.util.Comparator;
import java.util.List;

/**
 * How much of a deploy to very many hosts a file holds.
 *
 * @param checks those that did not pass come first
 */
record Limits(int hosts, int phases, int checks, int explanations) {
    /** What a fleet of some hundred hosts needs. */
    static final Limits USUAL = new Limits(500, 600, 1_500, 20);
    /** Fits into any file, however long its texts are. */
    static final Limits CLOSE = new Limits(50, 50, 50, 2);

    List<HostOutcome> hosts(DeployReport report) {
        return report.hosts().stream().limit(hosts).toList();
    }

    List<JobLog.Span> phases(DeployReport report) {
        return report.phases().stream().limit(phases).toList();
    }

    List<CheckJournal.Explanation> explanations(DeployReport report) {
        return report.explanations().stream().limit(explanations).toList();
    }

    /** In their order when all have room. */
    List<CheckJournal.Entry> checks(DeployReport report) {
        if (report.checks().size() <= checks) {
            return report.checks();
        }
        return report.checks().stream()
                .sorted(Comparator.comparing(
                                (CheckJournal.Entry entry) -> CheckRow.of(entry).result())
                        .reversed())
                .limit(checks)
                .toList();
    }
}
