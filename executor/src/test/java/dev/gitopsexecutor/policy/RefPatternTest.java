package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefPatternTest {

    @ParameterizedTest
    @CsvSource({
        "refs/heads/main, refs/heads/main, true",
        "refs/heads/main, refs/heads/Main, false",
        "refs/heads/main, refs/heads/main/x, false",
        "refs/heads/main, refs/heads, false",
        "refs/heads/*, refs/heads/feature, true",
        "refs/heads/*, refs/heads/feature/x, false",
        "refs/heads/*, refs/heads/, false",
        "refs/*/main, refs/tags/main, true",
        "refs/heads/release-*, refs/heads/release-, true",
        "refs/heads/release-*, refs/heads/release-1.2, true",
        "refs/heads/release-*, refs/heads/prerelease-1, false",
        "refs/heads/*-rc, refs/heads/1-rc, true",
        "refs/heads/*-rc, refs/heads/1-rc2, false",
        "refs/tags/v*.*.*, refs/tags/v1.2.3, true",
        "refs/tags/v*.*.*, refs/tags/v1.2, false",
        "refs/heads/a*a, refs/heads/a, false",
        "refs/heads/a*a, refs/heads/aa, true",
        "refs/heads/a.b, refs/heads/axb, false",
        "refs/heads/(a|b), refs/heads/a, false",
        "refs/heads/a*b*c, refs/heads/aXbYc, true",
        "refs/heads/a*b*c, refs/heads/aXcYb, false",
    })
    void matchesWithinSegments(String pattern, String refPath, boolean matches) {
        assertThat(new RefPattern(pattern).matches(refPath)).isEqualTo(matches);
    }

    /** A matcher that tried every way to share the segment out among the stars would not come back. */
    @Test
    void decidesInOnePassWithManyStars() {
        RefPattern hostile = new RefPattern("refs/heads/" + "a*".repeat(200) + "b");

        assertThat(hostile.matches("refs/heads/" + "a".repeat(5000))).isFalse();
        assertThat(hostile.matches("refs/heads/" + "a".repeat(5000) + "b")).isTrue();
    }
}
