package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.EnvironmentName;
import java.util.Map;

/** The security team's rules. */
public record Policy(Map<EnvironmentName, EnvironmentRule> environments) {

    public Policy {
        environments = Map.copyOf(environments);
    }
}
