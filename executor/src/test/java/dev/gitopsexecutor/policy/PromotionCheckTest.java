package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromotionCheckTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Gates.Promotion RULE =
            new Gates.Promotion(new EnvironmentName("staging"), Duration.ofHours(1));
    private static final String WANTED =
            "; wanted: the same images verified and left in staging for 60 min, and there still or at most 14 days ago";

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

    @Test
    void asksHowLongItWasLeftThereNotHowLongAgoItCame() {
        assertThat(said(check(verified(90, 'b'), verified(149, 'a')), 'a'))
                .as("withdrawn too soon")
                .isEqualTo("promotes_from: verified in staging at 2026-11-24T09:31:00Z, replaced there at"
                        + " 2026-11-24T10:30:00Z" + WANTED);
        assertThat(said(check(verified(90, 'b'), verified(150, 'a')), 'a')).isEqualTo("allowed");
        assertThat(said(check(verified(5, 'a'), verified(90, 'b'), verified(300, 'a')), 'a'))
                .as("it came back a moment ago")
                .isEqualTo("promotes_from: verified in staging at 2026-11-24T11:55:00Z" + WANTED);
    }

    @Test
    void whatFailsReplacesNothing() {
        assertThat(said(check(failed(5, 'b'), verified(30_000, 'a')), 'a')).isEqualTo("allowed");
        assertThat(said(check(verified(10, 'a'), failed(50, 'b'), verified(70, 'a')), 'a'))
                .isEqualTo("allowed");
    }

    @Test
    void whatFailedAndStayedThereReplaces() {
        Evidence failed = failed(50, 'b');
        Evidence stayed = new Evidence(failed.finished(), false, failed.images(), Optional.empty(), true);
        assertThat(said(check(stayed, verified(100, 'a')), 'a')).contains("replaced there at");
        assertThat(said(check(verified(10, 'a'), stayed, verified(70, 'a')), 'a'))
                .as("it began anew")
                .isEqualTo("promotes_from: verified in staging at 2026-11-24T11:50:00Z" + WANTED);
    }

    @ParameterizedTest
    @CsvSource({"20159, true", "20160, false"})
    void forgetsWhatWasReplacedLongAgo(int minutes, boolean allowed) {
        assertThat(said(check(verified(10, 'c'), verified(minutes, 'b'), verified(30_000, 'a')), 'a')
                        .equals("allowed"))
                .isEqualTo(allowed);
        assertThat(said(check(verified(10, 'b'), verified(30_000, 'a')), 'a'))
                .as("it ran there until a moment ago")
                .isEqualTo("allowed");
        assertThat(said(check(verified(30_000, 'a')), 'a'))
                .as("it runs there still")
                .isEqualTo("allowed");
    }

    @Test
    void letsComeBackWhatWasVerifiedHere() {
        List<Evidence> here = List.of(verified(1, 'b'), verified(3000, 'a'));

        assertThat(said(check(List.of(), here), 'a')).isEqualTo("allowed");
        assertThat(said(check(List.of(), List.of(failed(1, 'a'))), 'a')).startsWith("promotes_from: staging never had");
    }

    @Test
    void letsGoBackToWhatWasEverVerifiedHere() {
        List<Evidence> here =
                List.of(failed(1, 'a'), verified(2, 'b'), verified(30_000, 'b'), verified(40_000, 'a'), failed(1, 'c'));

        assertThat(said(check(List.of(), here).decide(List.of(image('a'))))).startsWith("promotes_from: ");
        assertThat(said(check(List.of(), here).decideReturn(List.of(image('a')))))
                .isEqualTo("allowed");
        assertThat(said(check(List.of(), here).decideReturn(List.of(image('c')))))
                .startsWith("promotes_from: staging never had");
        assertThat(said(check(withKeys(verified(90, 'd'), "MORE")).decideReturn(List.of(image('d')))))
                .as("the tier below speaks for it, and nobody asks for variables")
                .isEqualTo("allowed");
    }

    @Test
    void wantsEveryVariableThatTheImagesWereProvenWith() {
        Evidence proof = withKeys(verified(90, 'a'), "LOG_LEVEL", "SMTP_HOST", "DATABASE_PASSWORD");

        assertThat(said(check(List.of(proof), List.of(), "LOG_LEVEL", "SMTP_HOST", "DATABASE_PASSWORD", "MORE"), 'a'))
                .isEqualTo("allowed");
        assertThat(said(check(List.of(proof), List.of(), "LOG_LEVEL"), 'a'))
                .isEqualTo(
                        "env_keys: missing here: DATABASE_PASSWORD, SMTP_HOST; wanted: every variable that staging had at"
                                + " 2026-11-24T10:30:00Z");
        Denied denied =
                check(List.of(proof), List.of()).decide(List.of(image('a'))).orElseThrow();
        assertThat(denied.reasons().getFirst().next())
                .isEqualTo("Write it under `values` or `secrets` of this environment in .gitops/deploy.yaml, or under"
                        + " `without` there when it is not needed here.");
    }

    @Test
    void takesTheVariablesOfTheDeploymentThatSpeaksForTheImages() {
        Evidence other = withKeys(verified(80, 'b'), "FEATURE_OF_B");
        Evidence again = withKeys(verified(85, 'a'), "LOG_LEVEL", "NEW");
        Evidence first = withKeys(verified(200, 'a'), "LOG_LEVEL", "GIVEN_UP");

        assertThat(said(check(List.of(other, again, first), List.of(), "LOG_LEVEL"), 'a'))
                .startsWith(
                        "env_keys: missing here: NEW; wanted: every variable that staging had at 2026-11-24T10:35:00Z");
    }

    @Test
    void doesNotCompareVariablesOfWhatIsNotProvenOrComesBack() {
        Evidence proof = withKeys(verified(59, 'a'), "LOG_LEVEL");

        assertThat(said(check(proof), 'a')).startsWith("promotes_from: verified in staging");
        assertThat(said(check(List.of(withKeys(verified(90, 'a'), "LOG_LEVEL")), List.of(verified(3000, 'a'))), 'a'))
                .isEqualTo("allowed");
    }

    @Test
    void saysThatAnOlderRecordHasNoNamesToCompare() {
        List<ImageRef> images = List.of(image('a'));

        assertThat(said(check(verified(90, 'a')), 'a')).isEqualTo("allowed");
        assertThat(check(verified(90, 'a')).gap(images))
                .contains(
                        "staging: the deployment of 2026-11-24T10:30:00Z was recorded without the names of its variables,"
                                + " so they are not compared");
        assertThat(check(withKeys(verified(90, 'a'))).gap(images)).isEmpty();
        assertThat(check(verified(90, 'b')).gap(images)).isEmpty();
        assertThat(check(List.of(verified(90, 'a')), List.of(verified(3000, 'a')))
                        .gap(images))
                .as("it comes back")
                .isEmpty();
    }

    @Test
    void saysNoEarlyWhenThereIsNoEvidenceAtAll() {
        assertThat(said(check(failed(90, 'a')).decideEarly()))
                .isEqualTo("promotes_from: nothing of this project was verified in staging" + WANTED);
        assertThat(said(check(verified(1, 'b')).decideEarly())).isEqualTo("allowed");
        assertThat(said(check(List.of(), List.of(verified(1, 'b'))).decideEarly()))
                .isEqualTo("allowed");
    }

    @Test
    void saysWhatItIsAbout() {
        Denied denied = check().decideEarly().orElseThrow();

        assertThat(denied.reasons())
                .extracting(Finding::check, Finding::next)
                .containsExactly(tuple(
                        "promotes_from",
                        "Deploy these very images to staging for 60 min first; build none for this environment."));
    }

    @Test
    void saysNothingOfASoakThatIsNone() {
        var rule = new Gates.Promotion(new EnvironmentName("staging"), Duration.ZERO);
        Denied denied = new PromotionCheck(rule, List.of(), List.of(), Set.of(), NOW)
                .decideEarly()
                .orElseThrow();

        assertThat(denied.reasons().getFirst().wanted())
                .isEqualTo("the same images verified and left in staging, and there still or at most 14 days ago");
        assertThat(denied.reasons().getFirst().next())
                .isEqualTo("Deploy these very images to staging first; build none for this environment.");
    }

    private static PromotionCheck check(Evidence... below) {
        return check(List.of(below), List.of());
    }

    private static PromotionCheck check(List<Evidence> below, List<Evidence> here, String... keys) {
        return new PromotionCheck(RULE, below, here, keys(keys), NOW);
    }

    private static String said(PromotionCheck check, char... images) {
        return said(check.decide(new String(images)
                .chars()
                .mapToObj(image -> image((char) image))
                .toList()));
    }

    private static ImageRef image(char image) {
        return ImageRef.parse("shop/app:any").withDigest(digest(image));
    }

    private static Set<EnvKey> keys(String... names) {
        return Arrays.stream(names).map(EnvKey::new).collect(Collectors.toSet());
    }

    private static Evidence withKeys(Evidence evidence, String... names) {
        return new Evidence(
                evidence.finished(), evidence.verified(), evidence.images(), Optional.of(keys(names)), false);
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
        return new Evidence(NOW.minus(Duration.ofMinutes(minutesAgo)), verified, digests, Optional.empty(), false);
    }

    private static Digest digest(char image) {
        return new Digest("sha256:" + String.valueOf(image).repeat(64));
    }
}
