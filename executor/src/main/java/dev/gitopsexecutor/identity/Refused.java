package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;

/**
 * The job is not proven to be what it says.
 *
 * @param check the first that does not hold, such as {@code token.aud}
 */
public record Refused(String check, Failure failure) implements Verification {

    static Refused of(FailureCode code, JobFacts facts, Finding finding) {
        return new Refused(
                finding.check(),
                new Failure(
                        code,
                        "believe the job's ID token",
                        "job %s of project %s".formatted(facts.job(), facts.project()),
                        finding.sentence(),
                        finding.next()));
    }
}
