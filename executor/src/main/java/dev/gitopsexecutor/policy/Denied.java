package dev.gitopsexecutor.policy;

import java.util.List;

/** The policy's no, with every reason. */
public record Denied(List<Reason> reasons) implements Decision {

    public Denied {
        reasons = List.copyOf(reasons);
    }

    /**
     * One check that did not pass.
     *
     * @param check its name, for searching: {@code ref_protected}
     * @param saw what the job brought
     * @param wanted what the policy asks for
     */
    public record Reason(String check, String saw, String wanted) {}
}
