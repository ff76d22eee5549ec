package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.NearestKey;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import java.util.List;
import java.util.Map;

/** What commands that act on an environment are told. */
final class Environments {
    private Environments() {}

    /** The rule of the environment that somebody typed; throws {@code USAGE}, with the nearest name. */
    static EnvironmentRule named(String name, PolicyFile policy, String tried) {
        Map<EnvironmentName, EnvironmentRule> rules = policy.policy().environments();
        return rules.values().stream()
                .filter(rule -> rule.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> known = rules.keySet().stream()
                            .map(EnvironmentName::value)
                            .sorted()
                            .toList();
                    return new ExecutorException(new Failure(
                            FailureCode.USAGE,
                            tried,
                            "environment " + Shown.plain(name),
                            "the policy has no such environment",
                            NearestKey.of(name, known)
                                    .map("Did you mean \"%s\"?"::formatted)
                                    .orElseGet(() -> "Write one of %s.".formatted(String.join(", ", known)))));
                });
    }

    /** Who they are behind sudo, as far as the machine tells. */
    static String operator(Map<String, String> environment) {
        return environment.getOrDefault("SUDO_USER", environment.getOrDefault("USER", "unknown"));
    }
}
