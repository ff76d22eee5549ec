package dev.gitopsexecutor.job;

import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretReader;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretScope;
import dev.gitopsexecutor.secrets.VaultSession;
import dev.gitopsexecutor.target.EphemeralSshKey;
import dev.gitopsexecutor.target.SshIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a deploy logs in to its hosts with, as the policy says; one key for all of them, made when it is first needed. */
final class SshLogin implements Supplier<SshIdentity> {
    /** A login with it must have ended by then. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    private final EnvironmentRule rule;
    private final SecretScope scope;
    private final Supplier<VaultSession> vault;
    private final Masker masker;
    private final InstantSource clock;
    private @Nullable SshIdentity identity;

    /** @param vault logs in where the key is in Vault or is certified there; each session is closed at once */
    SshLogin(
            EnvironmentRule rule, SecretScope scope, Supplier<VaultSession> vault, Masker masker, InstantSource clock) {
        this.rule = rule;
        this.scope = scope;
        this.vault = vault;
        this.masker = masker;
        this.clock = clock;
    }

    /** The same for each host, until its certificate is about to end: a deploy may have to reconnect late. */
    @Override
    public synchronized SshIdentity get() {
        SshIdentity known = identity;
        if (known == null || known.until().filter(this::isNear).isPresent()) {
            known = make();
            identity = known;
        }
        return known;
    }

    private boolean isNear(Instant end) {
        return end.isBefore(clock.instant().plus(MARGIN));
    }

    private SshIdentity make() {
        return switch (rule.ssh()) {
            case SshRule.KeyFile(Path file) -> SshIdentity.ofFile(file);
            case SshRule.KeySecret(String path, String key) -> ofVault(new SecretRef(path, key));
            case SshRule.Certificate(String mount, String role) -> certified(mount, role);
        };
    }

    private SshIdentity ofVault(SecretRef ref) {
        try (VaultSession opened = vault.get()) {
            var reader = new SecretReader(opened, Optional.empty(), scope, masker);
            return SshIdentity.ofKey(
                    reader.readSshKey(ref),
                    "%s/%s in Vault".formatted(scope.engine().mount(), ref));
        }
    }

    private SshIdentity certified(String mount, String role) {
        EphemeralSshKey key = EphemeralSshKey.generate();
        Set<String> users = rule.hosts().stream().map(HostRule::user).collect(Collectors.toSet());
        try (VaultSession opened = vault.get()) {
            String signed = opened.signSshKey(mount, role, key.publicKey(), users);
            return key.certified(signed, users, clock.instant());
        }
    }
}
