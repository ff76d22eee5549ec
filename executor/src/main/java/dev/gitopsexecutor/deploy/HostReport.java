package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What becomes of one host while a deploy goes on; becomes its row of the closing table. */
final class HostReport {
    private final HostName host;
    private final Optional<RunningVersion> before;
    private Optional<RunningVersion> now;
    private String checks = "not touched";
    private Duration took = Duration.ZERO;

    HostReport(HostName host, Optional<RunningVersion> before) {
        this.host = host;
        this.before = before;
        this.now = before;
    }

    void runs(Optional<RunningVersion> version, String how) {
        now = version;
        checks = how;
    }

    /** Proven for all hosts together. */
    void also(String proven) {
        checks = checks + " " + proven;
    }

    /** The new release stays, though others failed. */
    void kept() {
        checks = "kept: " + checks;
    }

    void spent(Instant start, Instant end) {
        took = took.plus(Duration.between(start, end));
    }

    HostOutcome outcome() {
        return new HostOutcome(host, before, now, checks, took);
    }
}
