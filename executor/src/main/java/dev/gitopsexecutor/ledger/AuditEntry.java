package dev.gitopsexecutor.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /** More is not told, and no text in full that is longer: an author can make a job be denied for any number of reasons. */
    private static final int MOST = 20;

    private static final int LONGEST = 1000;

    public AuditEntry {
        actor = shortened(actor);
        object = shortened(object);
        reasons = shortened(reasons.stream().distinct().toList());
        details = shortened(details);
    }

    private static Map<String, String> shortened(Map<String, String> values) {
        return values.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, it -> cut(it.getValue())));
    }

    private static List<String> shortened(List<String> values) {
        return values.size() <= MOST
                ? values.stream().map(AuditEntry::cut).toList()
                : Stream.concat(
                                values.stream().limit(MOST).map(AuditEntry::cut),
                                Stream.of("and %d more".formatted(values.size() - MOST)))
                        .toList();
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
