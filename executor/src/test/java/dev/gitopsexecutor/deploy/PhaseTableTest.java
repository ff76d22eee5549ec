package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class PhaseTableTest {

    @Test
    void showsWhereTheTimeWent() {
        SequencedMap<String, Duration> took = new LinkedHashMap<>();
        took.put("gitops_policy", Duration.ofMillis(4));
        took.put("deploy_hosts", Duration.ofMillis(310));
        took.put("deploy_web_1", Duration.ofMillis(7920));
        took.put("deploy_rollback", Duration.ofMillis(1766));
        assertThat(String.join("\n", PhaseTable.lines(took))).isEqualTo("""
                PHASE     SECONDS  SHARE
                policy       0.00    0 %
                hosts        0.31    3 %  █
                web_1        7.92   79 %  ████████████████████████████████
                rollback     1.77   18 %  ███████
                total       10.00""");
    }

    @Test
    void saysThatNothingTookAnyTime() {
        SequencedMap<String, Duration> took = new LinkedHashMap<>();
        took.put("deploy_hosts", Duration.ZERO);
        assertThat(PhaseTable.lines(took))
                .containsExactly("PHASE  SECONDS  SHARE", "hosts     0.00    0 %", "total     0.00");
    }
}
