package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.PublicPlaces;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.identity.ApiSettings;
import dev.gitopsexecutor.io.SecretFile;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.notify.NotifierSettings;
import dev.gitopsexecutor.notify.OwnSecret;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.NotifyRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code check}: reads the configuration files and prints every problem with its line. */
@Command(
        name = "check",
        description = "Reads executor.yaml and policy.yaml, or a deploy.yaml, and prints every problem with its line.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    private static final int FAILED = 2;

    /** Stands in for a job's commit, which only fills placeholders of image tags. */
    private static final CommitSha ANY_COMMIT = new CommitSha("0".repeat(40));

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--deploy", paramLabel = "FILE", description = "Check this deploy.yaml alone; needs no other file.")
    private @Nullable Path deploy;

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        Path alone = deploy;
        boolean sound = alone != null ? isSound(() -> deploySpec(alone)) : areConfigurationsSound();
        return sound ? 0 : FAILED;
    }

    private boolean areConfigurationsSound() {
        boolean executor = isSound(this::executorConfig);
        Optional<Path> policyFile = ExecutorConfig.policyFile(config.file());
        if (policyFile.isEmpty()) {
            console.err()
                    .println("policy.yaml: not checked, since nobody can tell from %s where it is"
                            .formatted(config.file()));
            return false;
        }
        // Both are read whatever is wrong with the first, so that their owners correct them in one go.
        return isSound(() -> policy(policyFile.get())) && executor && doFit(policyFile.get());
    }

    /** Whether this machine has what the policy wants of it; what it has not is printed. */
    private boolean doFit(Path policyFile) {
        ExecutorConfig executor = config.read();
        List<EnvironmentRule> rules =
                List.copyOf(PolicyFile.read(policyFile).policy().environments().values());
        boolean token = executor.api().flatMap(ApiSettings::tokenFile).isPresent();
        boolean starts = token
                || haveNone(
                        rules,
                        rule -> rule.gates().startedByHand(),
                        policyFile,
                        "start: a manual start is known to GitLab alone; set gitlab.confirm_jobs and"
                                + " gitlab.api_token_file in %s, or write `start: automatic`");
        boolean egress = executor.docker().egress().isPresent()
                || haveNone(
                        rules,
                        rule -> !rule.sandbox().egress().isEmpty(),
                        policyFile,
                        "egress: a way out leads through a proxy; set docker.egress_image in %s");
        boolean rotates = executor.vault().own().isPresent()
                || haveNone(
                        rules,
                        rule -> !rule.vault().generated().isEmpty(),
                        policyFile,
                        "vault.generated: `secrets rotate` acts as the executor itself; set vault.own_identity in %s");
        boolean told = canBeTold(executor, rules, policyFile);
        boolean readable = areSecretsReadable(executor);
        boolean trusted = areCertificatesReadable(rules, policyFile);
        return starts && egress && rotates && told && readable && trusted;
    }

    /** Whether there is every notifier that the policy names, and whom it mentions can be mentioned there. */
    private boolean canBeTold(ExecutorConfig executor, List<EnvironmentRule> rules, Path policyFile) {
        List<String> problems = new ArrayList<>();
        for (EnvironmentRule rule : rules) {
            for (NotifyRule told : rule.told()) {
                NotifierSettings notifier = executor.notifiers().get(told.to());
                if (notifier == null) {
                    problems.add("%s: environments.%s.notify: %s is not one of the notifiers in %s"
                            .formatted(policyFile, rule.name(), told.to(), config.file()));
                } else {
                    told.mentions().stream()
                            .filter(mention -> !notifier.understands(mention))
                            .forEach(mention -> problems.add(
                                    "%s: environments.%s.notify: %s means nothing in the channel of %s; remove it"
                                            .formatted(policyFile, rule.name(), mention.text(), told.to())));
                }
            }
        }
        return areNone(problems);
    }

    /** Those in files; Vault is not asked. */
    private boolean areSecretsReadable(ExecutorConfig executor) {
        List<String> problems = new ArrayList<>();
        executor.notifiers().forEach((name, notifier) -> {
            if (notifier.secret().orElse(null) instanceof OwnSecret.InFile(Path file)) {
                try {
                    var _ = SecretFile.read(file, "secret of a notifier");
                } catch (ExecutorException unreadable) {
                    problems.add("%s: notifiers.%s: %s: %s"
                            .formatted(
                                    config.file(),
                                    name,
                                    file,
                                    unreadable.failure().saw()));
                }
            }
        });
        return areNone(problems);
    }

    /** Of the CAs that sign for public URLs. */
    private boolean areCertificatesReadable(List<EnvironmentRule> rules, Path policyFile) {
        List<String> problems = new ArrayList<>();
        for (EnvironmentRule rule : rules) {
            try {
                var _ = PublicPlaces.of(rule.checks());
            } catch (ExecutorException unreadable) {
                Failure failure = unreadable.failure();
                problems.add("%s: environments.%s.checks.ca_file: %s: %s"
                        .formatted(policyFile, rule.name(), failure.on(), failure.saw()));
            }
        }
        return areNone(problems);
    }

    private boolean areNone(List<String> problems) {
        problems.forEach(console.err()::println);
        console.err().flush();
        return problems.isEmpty();
    }

    /** {@code sentence} has a place for executor.yaml. */
    private boolean haveNone(
            List<EnvironmentRule> rules, Predicate<EnvironmentRule> wants, Path policyFile, String sentence) {
        List<EnvironmentRule> wanting = rules.stream().filter(wants).toList();
        wanting.forEach(rule -> console.err()
                .printf("%s: environments.%s.%s%n", policyFile, rule.name(), sentence.formatted(config.file())));
        console.err().flush();
        return wanting.isEmpty();
    }

    private String executorConfig() {
        ExecutorConfig executor = config.read();
        return "%s: GitLab %s, Vault %s"
                .formatted(config.file(), executor.gitlab(), executor.vault().address());
    }

    private static String policy(Path file) {
        PolicyFile policy = PolicyFile.read(file);
        return "%s: %d environments, policy %s"
                .formatted(file, policy.policy().environments().size(), policy.shortHash());
    }

    private static String deploySpec(Path file) {
        DeploySpec spec = DeploySpecFile.read(file, ANY_COMMIT);
        return "%s: %d services, %d environments"
                .formatted(file, spec.services().size(), spec.environments().size());
    }

    /** Prints what a file says in short, or its problems. */
    private boolean isSound(Supplier<String> summary) {
        try {
            console.out().println(summary.get());
            return true;
        } catch (ExecutorException unsound) {
            console.err().print(unsound.failure().block());
            console.err().flush();
            return false;
        }
    }
}
