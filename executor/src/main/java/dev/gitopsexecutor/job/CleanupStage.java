package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.Masker;
import java.time.InstantSource;

/** {@code cleanup}: removes what the job had on this machine and in Vault; silent, repeatable, also when prepare never finished. */
final class CleanupStage {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final Masker masker;
    private final InstantSource clock;

    CleanupStage(ExecutorConfig config, JobResponse response, Masker masker, InstantSource clock) {
        this.config = config;
        this.response = response;
        this.masker = masker;
        this.clock = clock;
    }

    int run() {
        try (Sandbox sandbox = Sandboxes.connect(config, clock)) {
            sandbox.remove(response.id());
        } finally {
            // What cannot be revoked now is left to reap, which says so.
            var _ = new TokenRevoker(config, VaultAccess.of(config, masker, clock), clock)
                    .revoke(new HeldTokens(config.stateDir()).of(response.id()));
        }
        return 0;
    }
}
