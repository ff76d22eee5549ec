package dev.gitopsexecutor.cli;

import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.ledger.AuditEntry;
import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.ledger.BrokenGlass;
import dev.gitopsexecutor.policy.EnvironmentRule;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code break-glass}: lets an environment change in spite of a freeze, of missing promotion or of old secrets. */
@Command(
        name = "break-glass",
        header = "Lets jobs deploy for a while in spite of a freeze, without promotion, or with old secrets.",
        description = {
            "Lets jobs deploy to an environment for a while in spite of a freeze, of images that the tier below has not"
                    + " proven, or of secrets that are too old. Only for jobs that somebody starts whom the policy names under break_glass; everything else"
                    + " is decided as ever. Stands in the audit log, as does each deploy that makes use of it."
        },
        mixinStandardHelpOptions = true)
final class BreakGlassCommand implements Callable<Integer> {
    private static final String TRIED = "break the glass";
    private static final long MOST_MINUTES = 24 * 60;

    private final Invocation invocation;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "ENVIRONMENT", description = "As the policy names it.")
    private String environment = "";

    @ArgGroup(multiplicity = "1")
    private final What what = new What();

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long, at most 1440 (default: ${DEFAULT-VALUE}).")
    private long minutes = 60;

    BreakGlassCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    /** One of the two. */
    static final class What {
        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, in 8 to 200 characters.")
        private @Nullable String reason;

        @Option(names = "--end", description = "It is over now.")
        private boolean end;
    }

    @Override
    public Integer call() {
        ExecutorConfig executor = config.read();
        PolicyFile policy = PolicyFile.read(executor.policyFile());
        EnvironmentRule rule = rule(policy);
        Instant now = invocation.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        if (what.end) {
            boolean ended = BrokenGlass.end(executor.stateDir(), rule.name());
            write(executor, policy, rule, now, "ended", List.of());
            console.out().printf("%s: %s%n", rule.name(), ended ? "the glass is whole again" : "the glass was whole");
            return 0;
        }
        BrokenGlass glass = glass(rule, requireNonNull(what.reason), now);
        write(executor, policy, rule, now, "granted", List.of(glass.told()));
        glass.write(executor.stateDir());
        console.out()
                .printf(
                        "%s: the glass is broken until %s; deploy jobs must be started by %s%n",
                        rule.name(),
                        glass.until(),
                        rule.gates().breakGlass().orElseThrow().wanted());
        return 0;
    }

    private EnvironmentRule rule(PolicyFile policy) {
        EnvironmentRule rule = Environments.named(environment, policy, TRIED);
        if (!what.end && rule.gates().breakGlass().isEmpty()) {
            throw usage(
                    "the policy names nobody under `break_glass` there",
                    "Ask the owner of policy.yaml for it: break_glass: {users: [5]}.");
        }
        return rule;
    }

    private BrokenGlass glass(EnvironmentRule rule, String reason, Instant now) {
        if (minutes < 1 || minutes > MOST_MINUTES) {
            throw usage("--minutes %d".formatted(minutes), "Write 1 to %d minutes.".formatted(MOST_MINUTES));
        }
        try {
            return new BrokenGlass(rule.name(), reason, operator(), now.plus(Duration.ofMinutes(minutes)));
        } catch (IllegalArgumentException refused) {
            throw usage(String.valueOf(refused.getMessage()), "Write it for whoever reads the audit log.");
        }
    }

    private void write(
            ExecutorConfig executor,
            PolicyFile policy,
            EnvironmentRule rule,
            Instant now,
            String result,
            List<String> details) {
        new AuditLog(AuditLog.in(executor.stateDir()))
                .append(new AuditEntry(
                        now,
                        Map.of("os_user", operator()),
                        "break_glass",
                        Map.of("environment", rule.name().value()),
                        result,
                        List.of(),
                        details,
                        policy.hash(),
                        executor.hash().hex()));
    }

    private String operator() {
        return Environments.operator(invocation.environment());
    }

    private ExecutorException usage(String saw, String next) {
        return new ExecutorException(new Failure(FailureCode.USAGE, TRIED, "environment " + environment, saw, next));
    }
}
