package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Finding;
import java.util.List;

/**
 * The policy's no.
 *
 * @param reasons the checks that did not hold, at least one; the first is what the refusal is called by
 */
public record Denied(List<Finding> reasons) implements Decision {

    public Denied {
        reasons = List.copyOf(reasons);
    }
}
