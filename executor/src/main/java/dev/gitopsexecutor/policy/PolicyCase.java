package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.model.ImageRef;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A job that the policy's owner thinks of, and what the policy must say of it.
 *
 * @param denials names of the checks that must fail, all of them; none when the job must be allowed
 */
public record PolicyCase(String name, JobClaims job, ImageRef jobImage, Set<String> denials) {

    public PolicyCase {
        denials = Set.copyOf(denials);
    }

    /** Empty when the policy says what is expected; otherwise a sentence. */
    public Optional<String> failure(Policy policy) {
        Set<String> failed = new TreeSet<>();
        List<Finding> findings = policy.explain(job, jobImage);
        findings.stream().filter(finding -> !finding.holds()).forEach(finding -> failed.add(finding.check()));
        return failed.equals(denials)
                ? Optional.empty()
                : Optional.of("wanted: %s; it is %s".formatted(said(new TreeSet<>(denials)), said(failed)));
    }

    private static String said(Set<String> denials) {
        return denials.isEmpty() ? "allowed" : "denied by " + String.join(", ", denials);
    }
}
