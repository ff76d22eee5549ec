package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.policy.EnvironmentRule.VaultRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A rule that allows the job of {@code TestIdentities} in production, to be changed by a test. */
public final class RuleBuilder {
    private final String name;
    private Tier tier = Tier.PRODUCTION;
    private Set<ProjectId> projects = Set.of(new ProjectId(22));
    private Optional<Set<Long>> namespaces = Optional.empty();
    private List<String> refs = List.of("refs/heads/main");
    private boolean protectedRef = true;
    private boolean protectedEnvironment;
    private boolean ownCiConfig = true;
    private Set<String> sources = Set.of("push", "web");
    private Optional<People> starters = Optional.empty();
    private ImageRule jobImages = ImageRule.of("gitops-executor/job:1");
    private ImageRule services = ImageRule.NONE;
    private final List<Freeze> freezes = new ArrayList<>();
    private Optional<People> breakGlass = Optional.empty();
    private Optional<People> rollbacks = Optional.empty();
    private Optional<Gates.Promotion> promotion =
            Optional.of(new Gates.Promotion(new EnvironmentName("staging"), Duration.ofHours(1)));
    private boolean byHand = true;
    private List<String> images = List.of("registry.example.com/shop/app");
    private List<HostRule> hosts = List.of(new HostRule(
            new HostName("web-1"), "10.0.0.11", 22, "deploy", new HostTrust.PinnedKey("ssh-ed25519 AAAA")));
    private SshRule ssh = new SshRule.KeyFile(Path.of("/etc/gitops-executor/ssh/key"));
    private String directory = "/opt/shop";
    private VaultRule vault;
    private SecretAgeRule secretAge = SecretAgeRule.DEFAULT;
    private RolloutRule rollout = RolloutRule.DEFAULT;
    private boolean wayBackRequired = true;
    private CheckRule checks = CheckRule.DEFAULT;

    public RuleBuilder(String name) {
        this.name = name;
        this.vault = vault("shop-" + name, "kv", "shop/" + name);
    }

    public RuleBuilder tier(Tier value) {
        tier = value;
        return this;
    }

    public RuleBuilder projects(ProjectId... values) {
        projects = Set.of(values);
        return this;
    }

    public RuleBuilder namespaces(Long... values) {
        namespaces = Optional.of(Set.of(values));
        return this;
    }

    public RuleBuilder refs(String... values) {
        refs = List.of(values);
        return this;
    }

    /** Neither a protected ref nor the project's own YAML is asked for, and merge requests may deploy. */
    public RuleBuilder lax() {
        protectedRef = false;
        ownCiConfig = false;
        sources = Set.of("push", "web", "merge_request_event");
        return this;
    }

    public RuleBuilder protectedEnvironment() {
        protectedEnvironment = true;
        return this;
    }

    public RuleBuilder sources(String... values) {
        sources = Set.of(values);
        return this;
    }

    public RuleBuilder starters(People value) {
        starters = Optional.of(value);
        return this;
    }

    public RuleBuilder rollbacks(People value) {
        rollbacks = Optional.of(value);
        return this;
    }

    public RuleBuilder jobImages(String... values) {
        jobImages = ImageRule.of(values);
        return this;
    }

    public RuleBuilder services(String... values) {
        services = ImageRule.of(values);
        return this;
    }

    public RuleBuilder freeze(Freeze value) {
        freezes.add(value);
        return this;
    }

    public RuleBuilder breakGlass(People value) {
        breakGlass = Optional.of(value);
        return this;
    }

    public RuleBuilder promotion(String from, Duration soak) {
        promotion = Optional.of(new Gates.Promotion(new EnvironmentName(from), soak));
        return this;
    }

    public RuleBuilder withoutPromotion() {
        promotion = Optional.empty();
        return this;
    }

    public RuleBuilder startedAutomatically() {
        byHand = false;
        return this;
    }

    public RuleBuilder images(String... values) {
        images = List.of(values);
        return this;
    }

    public RuleBuilder hosts(List<HostRule> values) {
        hosts = List.copyOf(values);
        return this;
    }

    public RuleBuilder ssh(SshRule value) {
        ssh = value;
        return this;
    }

    public RuleBuilder directory(String value) {
        directory = value;
        return this;
    }

    public static VaultRule vault(String role, String mount, String... paths) {
        return new VaultRule(role, mount, 2, List.of(paths), Optional.empty(), false, new TreeMap<>());
    }

    public RuleBuilder vault(VaultRule value) {
        vault = value;
        return this;
    }

    public RuleBuilder secretAge(SecretAgeRule value) {
        secretAge = value;
        return this;
    }

    public RuleBuilder rollout(RolloutRule value) {
        rollout = value;
        return this;
    }

    public RuleBuilder checks(CheckRule value) {
        checks = value;
        return this;
    }

    public RuleBuilder wayBackRequired(boolean value) {
        wayBackRequired = value;
        return this;
    }

    public EnvironmentRule build() {
        return new EnvironmentRule(
                new EnvironmentName(name),
                tier,
                new JobConditions(
                        projects,
                        namespaces,
                        refs,
                        protectedRef,
                        protectedEnvironment,
                        ownCiConfig,
                        sources,
                        starters,
                        jobImages,
                        rollbacks),
                new Gates(freezes, breakGlass, promotion, byHand, false, false),
                new SandboxRule(JobLimits.NONE, services, List.of(), false, false),
                images,
                hosts,
                ssh,
                directory,
                vault,
                Optional.empty(),
                secretAge,
                rollout,
                wayBackRequired,
                checks,
                List.of());
    }
}
