package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.Lease;
import dev.gitopsexecutor.secrets.SecretReader;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretScope;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import dev.gitopsexecutor.secrets.Vault;
import dev.gitopsexecutor.secrets.VaultSession;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads everything that a deploy needs from Vault, once, with the job's own identity. */
final class SecretsStep implements AutoCloseable {
    private final Path stateDir;
    private final JobResponse response;
    private final Stages.Session session;
    private final Vault vault;
    private final TokenRevoker revoker;
    private final String place;
    private final Allowed allowed;
    private final EnvironmentRule.VaultRule rule;
    private final SecretScope scope;
    private final InstantSource clock;
    private final JobLog log;

    /** Makes the dynamic secrets; ends when the deploy does, unless its release needs them. */
    private @Nullable VaultSession lasting;

    SecretsStep(
            ExecutorConfig config,
            JobResponse response,
            Stages.Session session,
            Allowed allowed,
            ProjectName project,
            InstantSource clock) {
        this.stateDir = config.stateDir();
        this.response = response;
        this.session = session;
        this.vault = VaultAccess.of(config, session.masker(), clock);
        this.revoker = new TokenRevoker(config, vault, clock);
        this.place = VaultAccess.place(allowed.environment().name(), project);
        this.allowed = allowed;
        this.rule = allowed.environment().vault();
        this.scope = VaultAccess.scope(rule);
        this.clock = clock;
        this.log = session.log();
    }

    /** What logs in to the hosts. */
    SshLogin login() {
        return new SshLogin(allowed.environment(), scope, this::loginForHosts, session.masker(), clock);
    }

    /** The executor itself where it can, so that a job's token and its role alone open no host. */
    private VaultSession loginForHosts() {
        boolean certified = allowed.environment().ssh() instanceof SshRule.Certificate;
        return certified && vault.hasOwnIdentity()
                ? vault.loginItself(Optional.of(allowed.identity().jobId()))
                : vault.login(allowed.identity(), rule.role());
    }

    /** Throws {@code SECRET_REFUSED} when the policy does not let this environment have what it names; asks nobody. */
    void require(SortedMap<EnvKey, SecretRef> wanted) {
        scope.require(wanted);
    }

    /** The token that reads what is stored is revoked before this returns. */
    DeploySecrets read(DeploySpec spec, SortedMap<EnvKey, SecretRef> wanted) {
        return read(wanted, reader -> login(spec.services().values(), reader));
    }

    /** Without the registry's credential: what is brought back is on the hosts already. */
    DeploySecrets read(SortedMap<EnvKey, SecretRef> wanted) {
        return read(wanted, _ -> Optional.empty());
    }

    private DeploySecrets read(
            SortedMap<EnvKey, SecretRef> wanted, Function<SecretReader, Optional<RegistryLogin>> registry) {
        try (var _ = log.section("gitops_secrets", "Reading secrets");
                VaultSession stored = login(rule.role())) {
            SecretReader reader = new SecretReader(stored, lasting(wanted), scope, session.masker());
            SortedMap<EnvKey, SecretValue> values = reader.read(wanted);
            Optional<RegistryLogin> login = registry.apply(reader);
            print(stored, values);
            stored.revoke().ifPresent(this::warn);
            return new DeploySecrets(values, stored.versions(), login);
        }
    }

    /** What the images are pulled with, alone; Vault is asked only when the policy has a credential there. */
    Optional<RegistryLogin> readRegistryLogin(Collection<ImageRef> images) {
        if (allowed.environment().registry().isEmpty()) {
            return jobsLogin(images);
        }
        try (var _ = log.section("gitops_secrets", "Reading the registry's credential");
                VaultSession stored = login(rule.role())) {
            Optional<RegistryLogin> login =
                    login(images, new SecretReader(stored, Optional.empty(), scope, session.masker()));
            stored.revoke().ifPresent(this::warn);
            return login;
        }
    }

    /** The dynamic secrets of a stored release live on for its copy, too. */
    void share(ReleaseId stored, ReleaseId copy) {
        new HeldTokens(stateDir).share(place, stored.value(), copy.value());
    }

    /** The dynamic secrets outlive this job from here on: hosts begin to use them. */
    void keepFor(ReleaseId release) {
        if (lasting != null) {
            lasting.keepFor(place, release.value());
        }
    }

    /** Revokes dynamic secrets that no host uses any more, now that the deploy has ended like that. */
    void settle(DeployOutcome outcome) {
        switch (outcome) {
            case DeployOutcome.Deployed deployed -> revoker.revokeOutlived(place, deployed.retained(), log);
            case DeployOutcome.RolledBack _, DeployOutcome.NothingToRollBackTo _ -> abandon();
            // A host may still run what was to be replaced, or what was to come.
            case DeployOutcome.RollbackFailed _,
                    DeployOutcome.Overtaken _,
                    DeployOutcome.Mixed _,
                    DeployOutcome.Stopped _,
                    DeployOutcome.Unchanged _,
                    DeployOutcome.NoLongerWell _ -> {}
        }
    }

    /** Nobody uses what was made for this deploy: no host runs its release. */
    void abandon() {
        if (lasting != null) {
            lasting.revoke().ifPresent(this::warn);
        }
    }

    private VaultSession login(String role) {
        VaultSession opened = vault.login(allowed.identity(), role);
        log.fact("logged in to %s as role %s".formatted(vault.address(), role));
        return opened;
    }

    private Optional<VaultSession> lasting(SortedMap<EnvKey, SecretRef> wanted) {
        if (wanted.values().stream().noneMatch(ref -> ref.kind() == SecretRef.Kind.DYNAMIC)) {
            return Optional.empty();
        }
        VaultSession opened = login(rule.dynamic().orElseThrow().role());
        lasting = opened;
        return Optional.of(opened);
    }

    private void print(VaultSession stored, SortedMap<EnvKey, SecretValue> values) {
        for (SecretVersion version : stored.versions()) {
            log.fact("%s/%s, version %d of %s"
                    .formatted(rule.mount(), version.path(), version.version(), version.created()));
        }
        if (lasting != null) {
            for (Lease lease : lasting.leases()) {
                log.fact("%s, made for this release, until %s".formatted(lease.path(), lease.until()));
            }
            if (!vault.hasOwnIdentity()) {
                log.warning(
                        "  Nobody renews what was made: without `vault.own_identity` in executor.yaml it ends then, and"
                                + " the application with it.");
            }
        }
        log.fact("secrets for the env file: "
                + (values.isEmpty()
                        ? "none"
                        : values.keySet().stream().map(EnvKey::value).collect(Collectors.joining(", "))));
    }

    private void warn(String problem) {
        log.warning("The Vault token lives until it expires: " + problem);
    }

    /** The policy's credential for its registry; else what GitLab gave the job for the images' registry, if anything. */
    private Optional<RegistryLogin> login(Collection<ImageRef> images, SecretReader reader) {
        Optional<EnvironmentRule.RegistryRule> registry = allowed.environment().registry();
        if (registry.isPresent()) {
            return Optional.of(VaultAccess.registryLogin(registry.get(), reader));
        }
        return jobsLogin(images);
    }

    private Optional<RegistryLogin> jobsLogin(Collection<ImageRef> images) {
        return images.stream()
                .flatMap(image -> image.registry().stream())
                .flatMap(address -> response.registryLogin(address).stream())
                .findFirst();
    }

    /** What was made for a deploy that changed nothing ends here. */
    @Override
    public void close() {
        if (lasting != null) {
            lasting.close();
        }
    }
}
