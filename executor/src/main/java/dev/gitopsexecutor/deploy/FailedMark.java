package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.CommitSha;
import java.time.Instant;

/**
 * That a commit failed on a host and was taken back there, as the host keeps it.
 *
 * @param reason its first line
 */
record FailedMark(CommitSha sha, Instant time, String reason) {
    private static final String SAW = "  saw:  ";

    /** @param evidence the beginning of {@code evidence.txt}; empty where it could not be written */
    static FailedMark of(ReleaseRecord release, Instant time, String evidence) {
        String reason = evidence.lines()
                .filter(line -> line.startsWith(SAW))
                .findFirst()
                .map(line -> line.substring(SAW.length()))
                .orElse("nobody knows why");
        return new FailedMark(release.origin().sha(), time, PlainText.sentence(reason));
    }

    String describe() {
        return "commit %s failed here at %s: %s".formatted(sha.abbreviated(), time, reason);
    }
}
