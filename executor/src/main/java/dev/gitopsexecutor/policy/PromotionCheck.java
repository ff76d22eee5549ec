package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Comparison;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a release's images were proven in the environment that they are promoted from. What was verified in this
 * environment itself came that way once and may come back.
 */
public final class PromotionCheck {
    static final String CODE = "promotes_from";

    /** How old evidence may be of what does not run there any more. */
    private static final Duration MAX_AGE = Duration.ofDays(14);

    private final Gates.Promotion rule;
    private final List<Evidence> below;
    private final List<Evidence> here;
    private final Instant now;

    /**
     * Both lists are of the job's own project, the newest first.
     *
     * @param below of the environment that the rule names
     * @param here of the job's own environment
     */
    public PromotionCheck(Gates.Promotion rule, List<Evidence> below, List<Evidence> here, Instant now) {
        this.rule = rule;
        this.below = List.copyOf(below);
        this.here = List.copyOf(here);
        this.now = now;
    }

    /** What can be said before anything is fetched: no when nothing at all was verified in either environment. */
    public Optional<Denied> decideEarly() {
        boolean anything =
                below.stream().anyMatch(Evidence::verified) || here.stream().anyMatch(Evidence::verified);
        return denied(new Comparison(
                anything,
                anything ? "verified releases" : "nothing of this project was verified in " + rule.from(),
                wanted()));
    }

    /** Compares digests: a tag may be another in each environment, the image may not. */
    public Optional<Denied> decide(Collection<ImageRef> images) {
        Set<Digest> digests =
                images.stream().map(image -> image.digest().orElseThrow()).collect(Collectors.toSet());
        return proven(here, digests, Duration.ZERO).holds()
                ? Optional.empty()
                : denied(proven(below, digests, rule.soak()));
    }

    private Comparison proven(List<Evidence> evidence, Set<Digest> digests, Duration soak) {
        Optional<Evidence> newest =
                evidence.stream().filter(one -> one.has(digests)).findFirst();
        if (newest.isEmpty()) {
            return new Comparison(false, rule.from() + " never had all images of this release", wanted());
        }
        if (!newest.get().verified()) {
            String saw = "these images failed in %s at %s"
                    .formatted(rule.from(), newest.get().finished());
            return new Comparison(false, saw, wanted());
        }
        int last = evidence.indexOf(newest.get());
        Instant since = evidence.stream()
                .skip(last)
                .takeWhile(one -> one.has(digests) ? one.verified() : !one.verified())
                .filter(Evidence::verified)
                .reduce((_, older) -> older)
                .orElseThrow()
                .finished();
        // What fails is taken back: only what is verified replaces.
        Optional<Instant> replaced = evidence.stream()
                .limit(last)
                .filter(Evidence::verified)
                .reduce((_, older) -> older)
                .map(Evidence::finished);
        Instant until = replaced.orElse(now);
        return new Comparison(
                Duration.between(since, until).compareTo(soak) >= 0
                        && until.plus(MAX_AGE).isAfter(now),
                "verified in %s at %s%s"
                        .formatted(
                                rule.from(),
                                since,
                                replaced.map(time -> ", replaced there at " + time)
                                        .orElse("")),
                wanted());
    }

    private Optional<Denied> denied(Comparison comparison) {
        Finding finding = comparison.of(
                CODE,
                "Deploy these very images to %s%s first; build none for this environment."
                        .formatted(rule.from(), soak()));
        return Denied.ofFailed(List.of(finding));
    }

    private String wanted() {
        return "the same images verified and left in %s%s, and there still or at most %d days ago"
                .formatted(rule.from(), soak(), MAX_AGE.toDays());
    }

    private String soak() {
        return rule.soak().isZero() ? "" : " for %d min".formatted(rule.soak().toMinutes());
    }
}
