package dev.gitopsexecutor.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One decision for the audit log; holds no secret.
 *
 * @param actor who asked, such as {@code user_id} and {@code user_login}
 * @param act what for: {@code start} the job's containers, or {@code deploy}
 * @param object where and from what, such as {@code environment}, {@code project_id} and {@code sha}
 * @param result {@code allowed}, {@code denied} or {@code undecided}
 * @param reasons codes for searching, such as {@code ref_protected}; why glass was broken when it was
 * @param details the reasons as sentences
 * @param policyHash SHA-256 of policy.yaml
 * @param configHash SHA-256 of executor.yaml
 */
public record AuditEntry(
        Instant time,
        Map<String, String> actor,
        String act,
        Map<String, String> object,
        String result,
        List<String> reasons,
        List<String> details,
        String policyHash,
        String configHash) {

    public AuditEntry {
        actor = Map.copyOf(actor);
        object = Map.copyOf(object);
        reasons = List.copyOf(reasons);
        details = List.copyOf(details);
    }
}
