package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.failure.FailureCode;
import java.util.List;
import java.util.Optional;

/**
 * The job's variable under which its ID token is looked for.
 *
 * @param values all that the job response has under the name, in its order
 */
public record TokenVariable(String name, List<String> values) {

    public TokenVariable {
        values = List.copyOf(values);
    }

    /** Empty when there is exactly one value; a second one was set to take the token's place. */
    Optional<Refused> refusal(JobFacts facts, String audience) {
        if (values.isEmpty() || values.equals(List.of(""))) {
            Finding missing =
                    new Finding("token.present", false, "none", "variable " + name, """
                    Add to the job in .gitlab-ci.yml:
                      id_tokens:
                        %s:
                          aud: %s""".formatted(name, audience));
            return Optional.of(Refused.of(FailureCode.TOKEN_MISSING, facts, missing));
        }
        if (values.size() > 1) {
            Finding shadowed = new Finding(
                    "token.only",
                    false,
                    "%d variables %s: one of them was set to replace the token".formatted(values.size(), name),
                    "one",
                    "Remove the variable from .gitlab-ci.yml and from the settings of the project, group and pipeline.");
            return Optional.of(Refused.of(FailureCode.TOKEN_REFUSED, facts, shadowed));
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name;
    }
}
