package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReleaseRecordTest {
    @Test
    void copyIsOfTheSameCommitWithTheJobThatMadeItAndItsSecrets() {
        ReleaseRecord stored = Releases.verified(1);
        Instant now = Instant.parse("2026-02-03T04:05:06Z");
        Origin job =
                new Origin(new JobId(77), 9, new ProjectId(22), "acme/shop", new CommitSha("b".repeat(40)), 43, "dev2");

        ReleaseRecord copy = stored.copiedBy(job, Map.of("shop/staging", 5L, "shop/other", 1L), now);

        assertThat(copy.id()).hasToString("20260203t040506-1-77-aaaaaaaa");
        assertThat(copy.origin()).isEqualTo(stored.origin());
        assertThat(copy.broughtBack()).contains(new ReleaseRecord.BroughtBack(new JobId(77), 9, "dev2", stored.id()));
        assertThat(copy.secrets()).isEqualTo(Map.of("shop/staging", 5L, "shop/other", 1L));
        assertThat(copy.content()).isEqualTo(stored.content().withSecrets(copy.secrets()));
        assertThat(copy.created()).isEqualTo(now);
        assertThat(copy.verified()).isEmpty();
    }
}
