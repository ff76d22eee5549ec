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
    private final Optional<BreakGlass> brokenGlass;
    private final List<Evidence> below;
    private final List<Evidence> here;
    private final Instant now;

    /**
     * Both lists are of the job's own project, the newest first.
     *
     * @param below of the environment that the rule names
     * @param here of the job's own environment
     */
    public PromotionCheck(
            Gates.Promotion rule, Allowed allowed, List<Evidence> below, List<Evidence> here, Instant now) {
        this.rule = rule;
        this.brokenGlass = allowed.brokenGlass();
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
        List<Evidence> same = evidence.stream()
                .filter(one -> one.images().containsAll(digests))
                .toList();
        if (same.isEmpty()) {
            return new Comparison(false, rule.from() + " never had all images of this release", wanted());
        }
        // Of an unbroken row of successes, the first began the soak.
        List<Evidence> row = same.stream().takeWhile(Evidence::verified).toList();
        if (row.isEmpty()) {
            String saw = "these images failed in %s at %s"
                    .formatted(rule.from(), same.getFirst().finished());
            return new Comparison(false, saw, wanted());
        }
        Instant since = row.getLast().finished();
        boolean soaked = !since.plus(soak).isAfter(now);
        boolean runs = evidence.getFirst().equals(row.getFirst());
        boolean recent = row.getFirst().finished().plus(MAX_AGE).isAfter(now);
        String saw = "verified in %s at %s%s".formatted(rule.from(), since, runs ? "" : ", then replaced");
        return new Comparison(soaked && (runs || recent), saw, wanted());
    }

    private Optional<Denied> denied(Comparison comparison) {
        Finding finding = comparison.of(
                CODE,
                "Deploy these very images to %s%s first; build none for this environment."
                        .formatted(rule.from(), soak()));
        return finding.holds() || brokenGlass.isPresent()
                ? Optional.empty()
                : Optional.of(new Denied(List.of(finding)));
    }

    private String wanted() {
        return "the same images verified in %s%s, and there still or at most %d days ago"
                .formatted(rule.from(), soak(), MAX_AGE.toDays());
    }

    private String soak() {
        return rule.soak().isZero() ? "" : " for %d min".formatted(rule.soak().toMinutes());
    }
}
