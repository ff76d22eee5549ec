package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromotionCheckTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Gates.Promotion RULE =
            new Gates.Promotion(new EnvironmentName("staging"), Duration.ofHours(1));
    private static final String WANTED =
            "; wanted: the same images verified in staging for 60 min, and there still or at most 14 days ago";

    @Test
    void allowsWhatHasSoaked() {
        assertThat(said(check(verified(60, 'a')), 'a')).isEqualTo("allowed");
        assertThat(said(check(verified(59, 'a')), 'a'))
                .isEqualTo("promotes_from: verified in staging at 2026-11-24T11:01:00Z" + WANTED);
    }

    @Test
    void comparesAllImagesByDigest() {
        assertThat(said(check(verified(90, 'a', 'b')), 'a', 'b')).isEqualTo("allowed");
        assertThat(said(check(verified(90, 'a', 'b')), 'b')).isEqualTo("allowed");
        assertThat(said(check(verified(90, 'a'), verified(95, 'b')), 'a', 'b'))
                .isEqualTo("promotes_from: staging never had all images of this release" + WANTED);
        assertThat(said(check(), 'a'))
                .isEqualTo("promotes_from: staging never had all images of this release" + WANTED);
    }

    @Test
    void doesNotForgetAFailureAfterTheSuccess() {
        assertThat(said(check(failed(70, 'a'), verified(90, 'a')), 'a'))
                .isEqualTo("promotes_from: these images failed in staging at 2026-11-24T10:50:00Z" + WANTED);
    }

    @Test
    void beginsTheSoakWithTheFirstSuccessSinceTheLastFailure() {
        assertThat(said(check(verified(5, 'a'), verified(61, 'a'), failed(80, 'a')), 'a'))
                .isEqualTo("allowed");
        assertThat(said(check(verified(5, 'a'), failed(61, 'a'), verified(80, 'a')), 'a'))
                .startsWith("promotes_from: verified in staging at 2026-11-24T11:55:00Z;");
    }

    @ParameterizedTest
    @CsvSource({"20159, true", "20160, false"})
    void forgetsWhatWasReplacedLongAgo(int minutes, boolean allowed) {
        String said = said(check(verified(90, 'b'), verified(minutes, 'a')), 'a');

        assertThat(said.equals("allowed")).isEqualTo(allowed);
        assertThat(said(check(verified(minutes, 'a')), 'a'))
                .as("it runs there still")
                .isEqualTo("allowed");
        if (!allowed) {
            assertThat(said)
                    .isEqualTo("promotes_from: verified in staging at 2026-11-10T12:00:00Z, then replaced" + WANTED);
        }
    }

    @Test
    void letsComeBackWhatWasVerifiedHere() {
        List<Evidence> here = List.of(verified(1, 'b'), verified(3000, 'a'));

        assertThat(said(check(List.of(), here, Optional.empty()), 'a')).isEqualTo("allowed");
        assertThat(said(check(List.of(), List.of(failed(1, 'a')), Optional.empty()), 'a'))
                .startsWith("promotes_from: staging never had");
    }

    @Test
    void saysNoEarlyWhenThereIsNoEvidenceAtAll() {
        assertThat(said(check(failed(90, 'a')).decideEarly()))
                .isEqualTo("promotes_from: nothing of this project was verified in staging" + WANTED);
        assertThat(said(check(verified(1, 'b')).decideEarly())).isEqualTo("allowed");
        assertThat(said(check(List.of(), List.of(verified(1, 'b')), Optional.empty())
                        .decideEarly()))
                .isEqualTo("allowed");
    }

    @Test
    void isSkippedByBrokenGlass() {
        var wish = Optional.of(new BreakGlass(LocalDate.of(2026, 11, 24), "checkout is down"));

        assertThat(said(check(List.of(), List.of(), wish), 'a')).isEqualTo("allowed");
        assertThat(said(check(List.of(), List.of(), wish).decideEarly())).isEqualTo("allowed");
    }

    @Test
    void saysNothingOfASoakThatIsNone() {
        var rule = new Gates.Promotion(new EnvironmentName("staging"), Duration.ZERO);
        Denied denied = new PromotionCheck(rule, allowed(Optional.empty()), List.of(), List.of(), NOW)
                .decideEarly()
                .orElseThrow();

        assertThat(denied.reasons().getFirst().wanted())
                .isEqualTo("the same images verified in staging, and there still or at most 14 days ago");
        assertThat(denied.reasons().getFirst().next())
                .isEqualTo("Deploy these very images to staging first; build none for this environment.");
    }

    private static PromotionCheck check(Evidence... below) {
        return check(List.of(below), List.of(), Optional.empty());
    }

    private static PromotionCheck check(List<Evidence> below, List<Evidence> here, Optional<BreakGlass> wish) {
        return new PromotionCheck(RULE, allowed(wish), below, here, NOW);
    }

    private static Allowed allowed(Optional<BreakGlass> wish) {
        EnvironmentRule rule = new RuleBuilder("production")
                .breakGlass(new People(Set.of(42L), Set.of()))
                .build();
        return (Allowed) new Policy(Map.of(rule.name(), rule))
                .decide(
                        TestIdentities.with(Map.of()),
                        new Circumstances(ImageRef.parse("gitops-executor/job:1"), NOW, wish));
    }

    private static String said(PromotionCheck check, char... images) {
        return said(check.decide(new String(images)
                .chars()
                .mapToObj(image -> ImageRef.parse("shop/app:any").withDigest(digest((char) image)))
                .toList()));
    }

    private static String said(Optional<Denied> denied) {
        return denied.map(Denied::reasons)
                .map(List::getFirst)
                .map(Finding::sentence)
                .orElse("allowed");
    }

    private static Evidence verified(int minutesAgo, char... images) {
        return evidence(minutesAgo, true, images);
    }

    private static Evidence failed(int minutesAgo, char... images) {
        return evidence(minutesAgo, false, images);
    }

    private static Evidence evidence(int minutesAgo, boolean verified, char... images) {
        Set<Digest> digests = new HashSet<>();
        for (char image : images) {
            digests.add(digest(image));
        }
        return new Evidence(NOW.minus(Duration.ofMinutes(minutesAgo)), verified, digests);
    }

    private static Digest digest(char image) {
        return new Digest("sha256:" + String.valueOf(image).repeat(64));
    }
}
