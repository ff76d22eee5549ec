package dev.gitopsexecutor.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.TextTable;
import dev.gitopsexecutor.job.NewestVersions;
import dev.gitopsexecutor.ledger.DeployedSecret;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.SecretAge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code secrets}: how old the secrets are that this machine deployed, by policy and ledger. */
@Command(
        name = "secrets",
        header = "Prints how old the deployed secrets are, the worst first.",
        description = {
            "Prints how old the secrets are that this machine deployed to the policy's environments, the worst first. AGE is"
                    + " that of the value: a new version with the same value is as old as the first.",
            "NEWEST is the version in Vault, where executor.yaml has vault.own_identity to ask with.",
            "Ends with 1 when --fail-on finds one, with 2 when it cannot tell."
        },
        mixinStandardHelpOptions = true)
final class SecretsCommand implements Callable<Integer> {
    private static final String TRIED = "tell the age of secrets";
    private static final int FOUND = 1;

    private final InstantSource clock;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Mixin
    private final Console console = new Console();

    @Option(names = "--environment", paramLabel = "NAME", description = "Of this one alone, as the policy names it.")
    private @Nullable String environment;

    @Option(names = "--json", description = "Prints a JSON array for programs.")
    private boolean json;

    @Option(
            names = "--fail-on",
            paramLabel = "STATE",
            description = "Ends with 1 when a secret is so old or worse: notice, warn, overdue or blocked.")
    private @Nullable SecretAge failOn;

    SecretsCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        ExecutorConfig executor = config.read();
        Map<EnvironmentName, EnvironmentRule> rules = rules(executor);
        Instant now = clock.instant();
        List<DeployedSecret> deployed = deployed(Ledger.in(executor.stateDir())).stream()
                .filter(secret -> rules.containsKey(secret.environment()))
                .toList();
        NewestVersions newest = NewestVersions.of(executor, deployed, clock);
        List<SecretStanding> standings = deployed.stream()
                .flatMap(secret -> Stream.ofNullable(rules.get(secret.environment()))
                        .map(rule -> SecretStanding.of(
                                secret,
                                rule.secretAge(),
                                newest.of(secret.secret().field()),
                                now)))
                .sorted(SecretStanding.WORST_FIRST)
                .toList();
        print(standings);
        newest.problem().ifPresent(problem -> {
            console.err().printf("What is newest in Vault is not known.%n%s", problem);
            console.err().flush();
        });
        return failOn != null && standings.stream().anyMatch(standing -> standing.isAtLeast(failOn)) ? FOUND : 0;
    }

    private Map<EnvironmentName, EnvironmentRule> rules(ExecutorConfig executor) {
        PolicyFile policy = PolicyFile.read(executor.policyFile());
        String name = environment;
        if (name == null) {
            return policy.policy().environments();
        }
        EnvironmentRule rule = Environments.named(name, policy, TRIED);
        return Map.of(rule.name(), rule);
    }

    /** A ledger that is not there is not made: a wrong {@code state_dir} must not look like a machine without secrets. */
    private static List<DeployedSecret> deployed(Path file) {
        if (Files.notExists(file)) {
            throw failure(
                    FailureCode.LEDGER_FAILED,
                    file.toString(),
                    "there is no ledger",
                    "Correct `state_dir` in executor.yaml; or deploy first, which makes the ledger.");
        }
        try (Ledger ledger = Ledger.open(file)) {
            return ledger.deployedSecrets();
        }
    }

    private void print(List<SecretStanding> standings) {
        if (json) {
            console.out().println(text(standings));
        } else {
            TextTable.lines(
                            SecretStanding.HEAD,
                            standings.stream().map(SecretStanding::row).toList())
                    .forEach(console.out()::println);
            standings.stream()
                    .flatMap(standing -> standing.undeployed().stream())
                    .forEach(console.out()::println);
        }
    }

    private static String text(List<SecretStanding> standings) {
        try {
            return new JsonMapper()
                    .writeValueAsString(
                            standings.stream().map(SecretStanding::json).toList());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("maps of text and numbers", impossible);
        }
    }

    private static ExecutorException failure(FailureCode code, String on, String saw, String next) {
        return new ExecutorException(new Failure(code, TRIED, on, saw, next));
    }
}
