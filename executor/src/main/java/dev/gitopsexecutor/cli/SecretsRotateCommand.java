package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.SecretRotation;
import dev.gitopsexecutor.secrets.SecretRef;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code secrets rotate}: a new random value for one secret, in Vault and on the hosts, or the old one again. */
@Command(
        name = "rotate",
        header = "Gives one secret a new random value, in Vault and on the hosts.",
        description = {
            "Writes a new random value in Vault, brings the running release up with it on all hosts of the environment, proves"
                    + " it healthy and destroys the old version. When it does not become healthy, hosts and Vault get the old"
                    + " value back.",
            "Only for secrets that the policy names under vault.generated, and as the executor's own identity in Vault."
                    + " Not in a freeze, unless the glass is broken. Stands in the audit log.",
            "Ends with 0 when all hosts run with the new value, else with 2."
        },
        mixinStandardHelpOptions = true)
final class SecretsRotateCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Parameters(index = "0", paramLabel = "ENVIRONMENT", description = "As the policy names it.")
    private String environment = "";

    @Parameters(index = "1", paramLabel = "PATH#KEY", description = "As the policy has it under vault.generated.")
    private String secret = "";

    SecretsRotateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        ExecutorConfig executor = config.read();
        PolicyFile policy = PolicyFile.read(executor.policyFile());
        return new SecretRotation(
                        executor,
                        policy,
                        Environments.named(environment, policy, "rotate a secret"),
                        ref(),
                        Environments.operator(invocation.environment()),
                        invocation)
                .run();
    }

    private SecretRef ref() {
        try {
            return SecretRef.parse(secret);
        } catch (IllegalArgumentException refused) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.USAGE,
                            "rotate a secret",
                            Shown.plain(secret),
                            String.valueOf(refused.getMessage()),
                            "Write it as the policy has it under `vault.generated`."),
                    refused);
        }
    }
}
