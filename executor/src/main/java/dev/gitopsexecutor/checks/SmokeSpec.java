package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * One smoke check of a release, as {@code .gitops/deploy.yaml} has it.
 *
 * @param name unique among the checks of a release
 * @param blocking whether the deploy fails when it does; else it is told
 * @param retries after the first attempt
 * @param timeout of each attempt
 */
public record SmokeSpec(String name, SmokeProbe probe, boolean blocking, int retries, Duration timeout) {
    /** At most so many attempts follow the first. */
    public static final int MOST_RETRIES = 20;

    public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(10);

    /** Of small letters, digits, _ and -. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,39}");

    /** Throws {@link IllegalArgumentException} for what no deploy.yaml could have said: the record of a release may lie. */
    public SmokeSpec {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a smoke check has a name of other characters");
        }
        if (retries < 0 || retries > MOST_RETRIES || timeout.isNegative() || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException("%d retries of %s".formatted(retries, timeout));
        }
    }

    /** As results and logs call it. */
    public String check() {
        return "smoke " + name;
    }

    /** A warning where it does not block. */
    public CheckResult judged(Failed failed) {
        return blocking ? failed : new Warned(failed);
    }
}
