package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Comparison;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a release's images were proven in the environment that they are promoted from, and whether it has all the
 * variables that they were proven with there. What was verified in this environment itself came that way once and may
 * come back.
 */
public final class PromotionCheck {
    static final String CODE = "promotes_from";

    /** The name of the check of the variables' names. */
    static final String KEYS = "env_keys";

    /** How old evidence may be of what does not run there any more. */
    private static final Duration MAX_AGE = Duration.ofDays(14);

    private final Gates.Promotion rule;
    private final List<Evidence> below;
    private final List<Evidence> here;
    private final Set<EnvKey> keys;
    private final Instant now;

    /**
     * Both lists are of the job's own project, the newest first.
     *
     * @param below of the environment that the rule names
     * @param here of the job's own environment
     * @param keys names of the variables that the release has here, or does deliberately without
     */
    public PromotionCheck(
            Gates.Promotion rule, List<Evidence> below, List<Evidence> here, Set<EnvKey> keys, Instant now) {
        this.rule = rule;
        this.below = List.copyOf(below);
        this.here = List.copyOf(here);
        this.keys = Set.copyOf(keys);
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
        Set<Digest> digests = digests(images);
        return provenHere(digests)
                ? Optional.empty()
                : denied(proven(below, digests, rule.soak()))
                        .or(() -> promoting(digests).flatMap(this::denied));
    }

    /**
     * The same for a release that hosts of this environment have kept: it was verified here, however long ago, and whatever
     * came of the same images later. Where nobody recorded that, the environment below must speak for it.
     */
    public Optional<Denied> decideReturn(Collection<ImageRef> images) {
        Set<Digest> digests = digests(images);
        return here.stream().anyMatch(one -> one.verified() && one.has(digests))
                ? Optional.empty()
                : denied(proven(below, digests, rule.soak()));
    }

    /** Why the names of variables are not compared for images that may come, if so; a sentence. */
    public Optional<String> gap(Collection<ImageRef> images) {
        Set<Digest> digests = digests(images);
        return provenHere(digests)
                ? Optional.empty()
                : promoting(digests)
                        .filter(evidence -> evidence.keys().isEmpty())
                        .map(evidence ->
                                ("%s: the deployment of %s was recorded without the names of its variables, so they"
                                                + " are not compared")
                                        .formatted(rule.from(), evidence.finished()));
    }

    private static Set<Digest> digests(Collection<ImageRef> images) {
        return images.stream().map(image -> image.digest().orElseThrow()).collect(Collectors.toSet());
    }

    private boolean provenHere(Set<Digest> digests) {
        return proven(here, digests, Duration.ZERO).holds();
    }

    /** The deployment that speaks for the images below. */
    private Optional<Evidence> promoting(Set<Digest> digests) {
        return below.stream().filter(one -> one.has(digests)).findFirst();
    }

    private Optional<Denied> denied(Evidence evidence) {
        String missing = evidence.keys().orElse(Set.of()).stream()
                .filter(key -> !keys.contains(key))
                .map(EnvKey::value)
                .sorted()
                .collect(Collectors.joining(", "));
        return Denied.ofFailed(List.of(new Finding(
                KEYS,
                missing.isEmpty(),
                "missing here: " + missing,
                "every variable that %s had at %s".formatted(rule.from(), evidence.finished()),
                "Write it under `values` or `secrets` of this environment in .gitops/deploy.yaml, or under `without` there"
                        + " when it is not needed here.")));
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
                .takeWhile(one -> one.has(digests) ? one.verified() : !one.replaces())
                .filter(Evidence::verified)
                .reduce((_, older) -> older)
                .orElseThrow()
                .finished();
        // What fails is taken back, unless the policy or a fault left it there.
        Optional<Instant> replaced = evidence.stream()
                .limit(last)
                .filter(Evidence::replaces)
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
