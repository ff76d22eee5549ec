package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.ReviewedFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.Preview;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.Maintenance;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretReader;
import dev.gitopsexecutor.secrets.SecretScope;
import dev.gitopsexecutor.secrets.Vault;
import dev.gitopsexecutor.secrets.VaultSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a person on the executor's machine sees of a deploy ahead of it, from the files of a working tree. */
public final class ReleasePreview {
    private final String tried;
    private final EnvironmentRule rule;
    private final Path repository;
    private final CommitSha commit;
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
     * @param tried what it is for, as failures name it
     * @param repository the working tree with {@code .gitops/deploy.yaml}
     * @param commit fills placeholders of image tags, and is looked for among those that failed; the files are taken as they lie there
     * @param operator as the machine knows them
     */
    public ReleasePreview(
            String tried,
            ExecutorConfig config,
            EnvironmentRule rule,
            Path repository,
            CommitSha commit,
            String operator,
            Invocation invocation) {
        this.tried = tried;
        this.rule = rule;
        this.repository = repository;
        this.commit = commit;
        this.operator = operator;
        this.invocation = invocation;
        this.terminal = new OperatorTerminal(invocation);
        this.masker = terminal.masker();
        this.log = terminal.log();
        this.scope = VaultAccess.scope(rule.vault());
        this.vault = VaultAccess.of(config, masker, invocation.clock());
    }

    /**
     * Blocks; prints what a deploy would change, and what would refuse it.
     *
     * @return the exit code: 0, {@code changed} when a deploy would change something, 2 after a failure
     */
    public int plan(int changed) throws InterruptedException {
        return printing((spec, compose, shipped, preview) -> {
            boolean changes = preview.plan(compose, shipped);
            refusals(spec).forEach(line -> log.warning("  A deploy would be refused: " + line));
            return changes ? changed : 0;
        });
    }

    /**
     * Blocks; pulls the images on all hosts.
     *
     * @return the exit code: 0, or 2 after a failure
     */
    public int pull() throws InterruptedException {
        return printing((spec, compose, shipped, preview) -> {
            requireAllowedImages(spec);
            preview.pull(compose, shipped, registryLogin());
            log.success("Pulled: nothing that runs was changed.");
            return 0;
        });
    }

    private interface Work {
        int run(DeploySpec spec, String compose, ShippedFiles shipped, Preview preview) throws InterruptedException;
    }

    private int printing(Work work) throws InterruptedException {
        return terminal.show(tried, rule.name().value(), () -> run(work));
    }

    private int run(Work work) throws InterruptedException {
        DeploySpec spec = DeploySpecFile.parse(read(Checkout.DEPLOY_SPEC), Checkout.DEPLOY_SPEC, commit);
        var _ = spec.environment(rule.name());
        String compose = new String(read(spec.composePath()), UTF_8);
        ShippedFiles shipped = TreeFiles.read(repository, spec);
        requireLogin();
        SshLogin login =
                new SshLogin(rule, scope, () -> vault.loginItself(Optional.empty()), masker, invocation.clock());
        try (Preview preview = Preview.begin(
                rule,
                new Preview.Source.Tree(commit),
                spec,
                login,
                log,
                invocation.clock(),
                invocation.cancellation())) {
            return work.run(spec, compose, shipped, preview);
        }
    }

    /** A link must not lead out of the tree: what is read is printed, perhaps by root. */
    private byte[] read(String path) {
        Path file = repository.resolve(path);
        try {
            if (!file.toRealPath().startsWith(repository.toRealPath())) {
                throw usage(file.toString(), "it leads out of the repository", "Put the file itself there.");
            }
        } catch (IOException missing) {
            throw usage(
                    file.toString(),
                    "there is no such file",
                    "Name the root of the repository with --repository, or check the file out.");
        }
        return ReviewedFile.read(file);
    }

    /** Hosts get no image that no job could bring there. */
    private void requireAllowedImages(DeploySpec spec) {
        Policy.decideImages(rule, spec.services().values()).ifPresent(denied -> {
            throw new ExecutorException(new Failure(
                    FailureCode.POLICY_DENIED,
                    tried,
                    "environment " + rule.name(),
                    String.join("\n", sentences(denied)),
                    denied.reasons().getFirst().next()));
        });
    }

    private void requireLogin() {
        if (!(rule.ssh() instanceof SshRule.KeyFile) && !vault.hasOwnIdentity()) {
            throw usage(
                    "environment " + rule.name(),
                    "the login to its hosts is in Vault, and executor.yaml has no `vault.own_identity`",
                    "Give this machine an AppRole (docs/install.md), or have a job with `environment: {action: prepare}`"
                            + " do it.");
        }
    }

    private List<String> refusals(DeploySpec spec) {
        List<String> refusals = new ArrayList<>();
        Policy.decideImages(rule, spec.services().values()).ifPresent(denied -> refusals.addAll(sentences(denied)));
        switch (Policy.decideMaintenance(rule, operator, invocation.clock().instant(), false)) {
            case Maintenance _ -> {}
            case Denied denied -> refusals.addAll(sentences(denied));
        }
        return refusals;
    }

    private static List<String> sentences(Denied denied) {
        return denied.reasons().stream().map(Finding::sentence).toList();
    }

    private Optional<RegistryLogin> registryLogin() {
        if (rule.registry().isEmpty()) {
            log.line("The policy names no registry credential: pulling without a login.");
            return Optional.empty();
        }
        if (!vault.hasOwnIdentity()) {
            log.warning(
                    "executor.yaml has no `vault.own_identity`, so nobody can read the registry's credential: pulling without"
                            + " a login.");
            return Optional.empty();
        }
        EnvironmentRule.RegistryRule registry = rule.registry().get();
        try (VaultSession own = vault.loginItself(Optional.empty())) {
            return Optional.of(
                    VaultAccess.registryLogin(registry, new SecretReader(own, Optional.empty(), scope, masker)));
        }
    }

    private ExecutorException usage(String on, String saw, String next) {
        return new ExecutorException(new Failure(FailureCode.USAGE, tried, Shown.plain(on), saw, next));
    }
}
