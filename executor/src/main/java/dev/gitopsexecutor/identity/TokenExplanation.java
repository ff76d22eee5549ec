package dev.gitopsexecutor.identity;

import java.util.List;
import java.util.Optional;

/**
 * How a token's checks come out away from its job; that it is the job's own nobody can say there, so it proves nothing.
 *
 * @param findings in their order, up to the first of the signature's that fails
 * @param claims when all of them hold
 */
public record TokenExplanation(List<Finding> findings, Optional<JobClaims> claims) {
    public TokenExplanation {
        findings = List.copyOf(findings);
    }
}
