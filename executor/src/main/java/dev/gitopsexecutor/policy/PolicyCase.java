package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A job that the policy's owner thinks of, and what the policy must say of it.
 *
 * @param time of the decision; without one no freeze is looked at, so that a case says the same on every day
 * @param brokenGlass why an operator has broken the glass, if so
 * @param denials names of the checks that must fail, all of them; none when the job must be allowed
 */
public record PolicyCase(
        String name,
        JobClaims job,
        ImageRef jobImage,
        Optional<Instant> time,
        Optional<String> brokenGlass,
        Set<String> denials) {

    public PolicyCase {
        denials = Set.copyOf(denials);
    }

    /** Empty when the policy says what is expected; otherwise a sentence. */
    public Optional<String> failure(Policy policy) {
        Set<String> failed = new TreeSet<>();
        for (Finding finding :
                policy.explain(job, new Circumstances(jobImage, List.of(), time.orElse(Instant.EPOCH), brokenGlass))) {
            boolean counts = time.isPresent() || !finding.check().equals(JobCheck.FREEZE.code());
            if (counts && !finding.holds()) {
                failed.add(finding.check());
            }
        }
        return failed.equals(denials)
                ? Optional.empty()
                : Optional.of("wanted: %s; it is %s".formatted(said(new TreeSet<>(denials)), said(failed)));
    }

    private static String said(Set<String> denials) {
        return denials.isEmpty() ? "allowed" : "denied by " + String.join(", ", denials);
    }
}
