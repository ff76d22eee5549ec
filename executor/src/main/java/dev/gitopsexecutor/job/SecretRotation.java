package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.OutcomeTable;
import dev.gitopsexecutor.deploy.RunningRelease;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.io.FileMutex;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.AuditEntry;
import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.ledger.BrokenGlass;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.Maintenance;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretHashKey;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretScope;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.Vault;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Gives one secret of an environment a new random value: a new version in Vault, the running release once more with it,
 * proven; then the version before it is destroyed. When the release does not become well, hosts and Vault go back.
 */
public final class SecretRotation {
    private static final String TRIED = "rotate a secret";
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final ExecutorConfig config;
    private final PolicyFile policy;
    private final EnvironmentRule rule;
    private final SecretRef secret;
    private final String operator;
    private final Invocation invocation;
    private final OperatorTerminal terminal;
    private final Masker masker;
    private final JobLog log;
    private final SecretScope scope;
    private final Vault vault;

    /**
     * Reads nothing yet.
     *
     * @param operator as the machine knows them
     */
    public SecretRotation(
            ExecutorConfig config,
            PolicyFile policy,
            EnvironmentRule rule,
            SecretRef secret,
            String operator,
            Invocation invocation) {
        this.config = config;
        this.policy = policy;
        this.rule = rule;
        this.secret = secret;
        this.operator = operator;
        this.invocation = invocation;
        this.terminal = new OperatorTerminal(invocation);
        this.masker = terminal.masker();
        this.log = terminal.log();
        this.scope = VaultAccess.scope(rule.vault());
        this.vault = VaultAccess.of(config, masker, invocation.clock());
    }

    /**
     * Blocks until all hosts run with the new value, or with the old one again. What is printed is masked, failures too.
     *
     * @return the exit code: 0 when it is the new value, else 2
     */
    public int run() throws InterruptedException {
        return terminal.show(TRIED, secret.toString(), () -> {
            alone();
            return 0;
        });
    }

    /** Two at once would take back each other's values. */
    private void alone() throws InterruptedException {
        int length = length();
        try (FileMutex mutex = FileMutex.tryHold(config.stateDir().resolve("rotate.lock"))) {
            if (mutex == null) {
                throw failure(FailureCode.LOCK_HELD, "another rotation runs on this machine", "Wait until it ends.");
            }
            rotate(length);
        } catch (IOException failed) {
            throw failure(
                    FailureCode.STATE_UNUSABLE,
                    failed.toString(),
                    "Make `state_dir` of executor.yaml a directory that this user may write to.");
        }
    }

    private void rotate(int length) throws InterruptedException {
        Maintenance permission = permission();
        SecretUse use = use();
        SshLogin login =
                new SshLogin(rule, scope, () -> vault.loginItself(Optional.empty()), masker, invocation.clock());
        RunningRelease running = RunningRelease.read(
                permission,
                use.deployment().origin(),
                use.deployment().project(),
                login,
                log,
                invocation.clock(),
                invocation.cancellation());
        use.hideIn(masker, running);
        SecretValue value = random(length);
        masker.add(value);
        ValueChange change = ValueChange.prepare(vault, scope.engine(), secret, value, log);
        if (!use.isOf(running, SecretHashKey.open(SecretHashKey.in(config.stateDir())))
                || !use.has(change.replacement().valueBefore(), running)) {
            throw failure(
                    FailureCode.HOST_UNSUITABLE,
                    "the hosts do not run what this machine deployed last, with the value that is the newest in Vault",
                    "Deploy there by a job, then do this again.");
        }
        write("begun", List.of());
        try {
            conclude(new RotationDeploy(
                            config,
                            use,
                            running,
                            login,
                            new TokenRevoker(config, vault, invocation.clock()),
                            invocation,
                            log)
                    .run(this::permission, field(), value, change));
        } catch (ExecutorException failed) {
            tell("failed", List.of(failed.code().name()));
            throw failed;
        } catch (RuntimeException bug) {
            tell("failed", List.of(FailureCode.INTERNAL.name()));
            throw bug;
        }
        tell("rotated", List.of("version %d".formatted(change.replacement().number())));
        log.success("Rotated, proven healthy.");
    }

    private void conclude(DeployOutcome outcome) {
        OutcomeTable.render(outcome).forEach(log::line);
        outcome.failure().ifPresent(failure -> {
            throw new ExecutorException(failure);
        });
    }

    /** Of the value that the policy lets this machine make. */
    private int length() {
        Map<String, Integer> generated = rule.vault().generated();
        Integer length = generated.get(secret.toString());
        if (length == null) {
            throw failure(
                    FailureCode.USAGE,
                    "policy.yaml does not let this machine make that value; it may make "
                            + (generated.isEmpty() ? "none there" : String.join(", ", generated.keySet())),
                    "Ask its owner for `vault.generated: {\"%s\": 48}`, if nobody outside of the environment has to know the"
                                    .formatted(secret)
                            + " value.");
        }
        if (!vault.hasOwnIdentity()) {
            throw failure(
                    FailureCode.USAGE,
                    "executor.yaml has no `vault.own_identity`",
                    "Give this machine an AppRole that may read and write the secret (docs/install.md).");
        }
        return length;
    }

    private Maintenance permission() {
        Instant now = invocation.clock().instant();
        boolean glassIsBroken =
                BrokenGlass.read(config.stateDir(), rule.name(), now).isPresent();
        return switch (Policy.decideMaintenance(rule, operator, now, glassIsBroken)) {
            case Maintenance allowed -> allowed;
            case Denied denied -> {
                List<String> reasons =
                        denied.reasons().stream().map(Finding::sentence).toList();
                write("denied", reasons);
                throw failure(
                        FailureCode.POLICY_DENIED,
                        reasons.stream().collect(Collectors.joining("\n")),
                        denied.reasons().getFirst().next());
            }
        };
    }

    private SecretUse use() {
        try (Ledger ledger = Ledger.open(Ledger.in(config.stateDir()))) {
            return SecretUse.find(ledger, rule.name(), field())
                    .orElseThrow(() -> failure(
                            FailureCode.USAGE,
                            "no release that this machine deployed there has it",
                            "See `gitops-executor secrets --environment=%s`; deploy first by a job."
                                    .formatted(rule.name())));
        }
    }

    private SecretField field() {
        return new SecretField(scope.engine().mount(), secret.path(), secret.key());
    }

    /** What has happened has happened, written down or not. */
    private void tell(String result, List<String> details) {
        try {
            write(result, details);
        } catch (ExecutorException failed) {
            log.warning("The audit log does not have it: \"%s\".\n%s"
                    .formatted(result, failed.failure().block()));
        }
    }

    private void write(String result, List<String> details) {
        new AuditLog(AuditLog.in(config.stateDir()))
                .append(new AuditEntry(
                        invocation.clock().instant(),
                        Map.of("os_user", operator),
                        "rotate_secret",
                        Map.of("environment", rule.name().value(), "secret", field().toString()),
                        result,
                        List.of(),
                        details,
                        policy.hash(),
                        config.hash().hex()));
    }

    private static SecretValue random(int length) {
        SecureRandom random = new SecureRandom();
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return SecretValue.of(text.toString());
    }

    private ExecutorException failure(FailureCode code, String saw, String next) {
        return new ExecutorException(
                new Failure(code, TRIED, "%s of environment %s".formatted(secret, rule.name()), saw, next));
    }
}
