package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Finding;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * The policy's yes to what an operator does on the executor's own machine, with what an environment already runs: no job
 * asks for it, and nothing comes that was not verified there. Only {@link Policy} makes one.
 */
public final class Maintenance implements MaintenanceDecision, Permission {
    private final EnvironmentRule environment;
    private final String operator;

    Maintenance(EnvironmentRule environment, String operator) {
        this.environment = environment;
        this.operator = operator;
    }

    /** Refused in a freeze, unless the glass is broken. */
    static MaintenanceDecision decide(EnvironmentRule rule, String operator, Instant now, boolean glassIsBroken) {
        Optional<Freeze> freeze =
                glassIsBroken ? Optional.empty() : rule.gates().freezeAt(now);
        return freeze.<MaintenanceDecision>map(holding -> new Denied(List.of(new Finding(
                        JobCheck.FREEZE.code(),
                        false,
                        holding.toString(),
                        "no freeze at " + now.truncatedTo(ChronoUnit.SECONDS),
                        "Wait until it ends, or break the glass: gitops-executor break-glass %s --reason=…"
                                .formatted(rule.name())))))
                .orElseGet(() -> new Maintenance(rule, operator));
    }

    @Override
    public EnvironmentRule environment() {
        return environment;
    }

    /** As the machine knows them. */
    public String operator() {
        return operator;
    }
}
