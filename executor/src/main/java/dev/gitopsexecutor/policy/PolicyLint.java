package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.policy.EnvironmentRule.DynamicRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/** What a policy may say, and hardly means. */
public final class PolicyLint {
    private PolicyLint() {}

    /**
     * A finding.
     *
     * @param path leads to the value, such as {@code environments.production.refs}
     * @param sentence what is wrong with it and what to write
     */
    public record Remark(String path, String sentence) {}

    /** In the order of the environments' names. */
    public static List<Remark> of(Policy policy) {
        List<EnvironmentRule> rules = policy.environments().values().stream()
                .sorted(Comparator.comparing(rule -> rule.name().value()))
                .toList();
        List<Remark> remarks = new ArrayList<>();
        for (EnvironmentRule rule : rules) {
            remarks.addAll(ofPromotion(rule, policy));
            remarks.addAll(readableKeys(rule, rules));
            if (rule.tier() == Tier.PRODUCTION) {
                remarks.addAll(ofProduction(rule));
                rules.stream()
                        .filter(other -> other.tier() != Tier.PRODUCTION)
                        .forEach(other -> remarks.addAll(shared(rule, other)));
            }
        }
        return List.copyOf(remarks);
    }

    private static List<Remark> ofPromotion(EnvironmentRule rule, Policy policy) {
        return rule
                .gates()
                .promotion()
                .map(promotion -> policy.environments().get(promotion.from()))
                .map(from -> from.jobs().projects())
                .filter(projects -> !projects.containsAll(rule.jobs().projects()))
                .map(_ -> remark(
                        rule,
                        "promotes_from",
                        "has not all projects of this environment; nothing of the others can ever come here"))
                .stream()
                .toList();
    }

    private static List<Remark> ofProduction(EnvironmentRule rule) {
        List<Remark> remarks = new ArrayList<>();
        if (!rule.gates().startedByHand()) {
            remarks.add(remark(rule, "start", "automatic: nobody looks before production changes; remove the line"));
        }
        if (rule.gates().promotion().isEmpty()) {
            remarks.add(remark(
                    rule, "promotes_from", "none: what comes here was proven nowhere before; name the tier below"));
        }
        for (String ref : rule.jobs().refs()) {
            if (ref.matches("refs/(heads|tags)(/\\*)+")) {
                String onlyPeople = rule.jobs().starters().isPresent()
                        ? ", so that only who starts the job would count, and a user can be impersonated"
                        : "";
                remarks.add(remark(
                        rule,
                        "refs",
                        "%s is every name%s; write the ones that production is deployed from"
                                .formatted(ref, onlyPeople)));
            }
        }
        remarks.addAll(movable(rule, "job_images", rule.jobs().images()));
        remarks.addAll(movable(rule, "service_images", rule.sandbox().services()));
        return remarks;
    }

    private static List<Remark> movable(EnvironmentRule rule, String key, ImageRule images) {
        return images.entries().stream()
                .filter(image -> image.digest().isEmpty())
                .map(image -> remark(
                        rule,
                        key,
                        "%s can become another image; write it with its digest, %s@sha256:…".formatted(image, image)))
                .toList();
    }

    /** What one tier's jobs could use of production's. */
    private static List<Remark> shared(EnvironmentRule production, EnvironmentRule other) {
        List<Remark> remarks = new ArrayList<>();
        EnvironmentName name = production.name();
        sharedSsh(production, other).ifPresent(remarks::add);
        if (other.vault().role().equals(production.vault().role())) {
            remarks.add(shared(production, other, "vault.role", "role"));
        }
        if (anyPair(
                other.hosts(), production.hosts(), (one, two) -> one.address().equals(two.address()))) {
            remarks.add(remark(other, "hosts", "has a host of %s; a job of this tier acts there too".formatted(name)));
        }
        if (other.vault().mount().equals(production.vault().mount())
                && anyPair(other.vault().paths(), production.vault().paths(), PolicyLint::covers)) {
            remarks.add(remark(
                    other,
                    "vault.paths",
                    "reaches secrets of %s; name the paths of this environment alone".formatted(name)));
        }
        if (anyPair(dynamicPaths(other), dynamicPaths(production), String::equals)) {
            remarks.add(
                    remark(other, "vault.dynamic", "makes secrets of %s; give it paths of its own".formatted(name)));
        }
        return remarks;
    }

    private static List<String> dynamicPaths(EnvironmentRule rule) {
        return rule.vault().dynamic().map(DynamicRule::paths).orElse(List.of());
    }

    private static Optional<Remark> sharedSsh(EnvironmentRule production, EnvironmentRule other) {
        boolean same = other.ssh().equals(production.ssh());
        boolean sameMount = other.vault().mount().equals(production.vault().mount());
        return switch (other.ssh()) {
            case SshRule.KeyFile _ when same -> Optional.of(shared(production, other, "ssh_key_file", "key"));
            case SshRule.KeySecret _
            when same && sameMount -> Optional.of(shared(production, other, "ssh_key_secret", "key"));
            case SshRule.Certificate certificate -> sharedCertificate(production, other, certificate);
            default -> Optional.empty();
        };
    }

    /** A certificate names users, not hosts: it opens every host that trusts its CA and has such a user. */
    private static Optional<Remark> sharedCertificate(
            EnvironmentRule production, EnvironmentRule other, SshRule.Certificate certificate) {
        if (certificate.equals(production.ssh())) {
            return Optional.of(shared(production, other, "ssh_certificate", "role"));
        }
        boolean sameAuthority = production.ssh() instanceof SshRule.Certificate(String mount, String _)
                && mount.equals(certificate.mount());
        boolean sameUser = anyPair(
                other.hosts(), production.hosts(), (one, two) -> one.user().equals(two.user()));
        return sameAuthority && sameUser
                ? Optional.of(remark(
                        other,
                        "ssh_certificate",
                        "is of the CA of %s and for a user whom its hosts have; give it a mount of its own"
                                .formatted(production.name())))
                : Optional.empty();
    }

    private static Remark shared(EnvironmentRule production, EnvironmentRule other, String key, String what) {
        return remark(other, key, "is also that of %s; give it a %s of its own".formatted(production.name(), what));
    }

    /** A job names the secrets of its env file within the paths: with the key among them it could log in by itself. */
    private static List<Remark> readableKeys(EnvironmentRule rule, List<EnvironmentRule> rules) {
        if (!(rule.ssh() instanceof SshRule.KeySecret(String path, String _))) {
            return List.of();
        }
        return rules.stream()
                .filter(other -> other.vault().mount().equals(rule.vault().mount()))
                .filter(other -> other.vault().paths().stream().anyMatch(allowed -> covers(allowed, path)))
                .map(other -> remark(
                        other,
                        "vault.paths",
                        "reaches the SSH key of %s, so that a release can have it; move the key elsewhere"
                                .formatted(rule.name())))
                .toList();
    }

    private static boolean covers(String path, String other) {
        return other.equals(path) || other.startsWith(path + "/") || other.startsWith(path + "#");
    }

    private static <T> boolean anyPair(List<T> some, List<T> others, BiPredicate<T, T> test) {
        return some.stream().anyMatch(one -> others.stream().anyMatch(other -> test.test(one, other)));
    }

    private static Remark remark(EnvironmentRule rule, String key, String sentence) {
        return new Remark("environments.%s.%s".formatted(rule.name(), key), sentence);
    }
}
