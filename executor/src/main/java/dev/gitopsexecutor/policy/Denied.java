package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Finding;
import java.util.List;
import java.util.Optional;

/**
 * The policy's no.
 *
 * @param reasons the checks that did not hold, at least one; the first is what the refusal is called by
 */
public record Denied(List<Finding> reasons) implements Decision, MaintenanceDecision {

    public Denied {
        reasons = List.copyOf(reasons);
    }

    /** With those that do not hold; empty when all do. */
    static Optional<Denied> ofFailed(List<Finding> findings) {
        List<Finding> failed =
                findings.stream().filter(finding -> !finding.holds()).toList();
        return failed.isEmpty() ? Optional.empty() : Optional.of(new Denied(failed));
    }
}
