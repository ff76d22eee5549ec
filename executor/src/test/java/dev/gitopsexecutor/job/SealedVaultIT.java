package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.Testbed;
import org.junit.jupiter.api.Test;

/** A deploy while Vault answers nobody. */
@RealPartsAlone
class SealedVaultIT {

    @Test
    void changesNothingWhenVaultIsSealed(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("sealed").create();
        RunnerJob job = environment.job(environment.release());
        // Every IT shares this Vault: it is open again before the next test.
        testbed.vault().seal();
        JobResult result;
        try {
            result = environment.runner().run(job);
        } finally {
            testbed.vault().unseal();
        }
        assertStatus(result, SYSTEM_FAILURE);
        assertThat(result.log()).contains("sealed");
        assertThat(environment.hosts().getFirst().run("ls", environment.directory()))
                .isEmpty();
    }
}
