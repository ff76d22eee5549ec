package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.config.ReviewedFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.IdTokenVerifier;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.TokenExplanation;
import dev.gitopsexecutor.io.TextTable;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Circumstances;
import dev.gitopsexecutor.policy.Policy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code policy explain}: the whole decision about a job, check by check. */
@Command(
        name = "explain",
        description = {
            "Prints every check of the decision about a job: what was seen, what was wanted, how it came out.",
            "Ends with 1 when the job would be denied. That a token belongs to the job that shows it is checked in the job alone."
        },
        mixinStandardHelpOptions = true)
final class PolicyExplainCommand implements Callable<Integer> {
    private static final int DENIED = 1;
    private static final ImageRef ANY_IMAGE = ImageRef.parse("any");
    private static final int MAX_BYTES = 64 * 1024;

    private final InstantSource clock;

    @Mixin
    private final PolicyOption policy = new PolicyOption();

    @ArgGroup(multiplicity = "1")
    private final Source source = new Source();

    @Option(
            names = "--environment",
            paramLabel = "E",
            description = "As if the job had asked for E (default: the one that it claims).")
    private @Nullable String environment;

    @Option(
            names = "--job-image",
            paramLabel = "IMAGE",
            description =
                    "What the job has as image:, for example gitops-executor/job:1; not decided on when left out.")
    private @Nullable String jobImage;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "As if it were then, for freezes: 2026-12-24T09:00:00Z (default: now).")
    private @Nullable Instant time;

    @Option(names = "--broken-glass", description = "As if an operator had broken the glass of the environment.")
    private boolean brokenGlass;

    @Mixin
    private final Console console = new Console();

    PolicyExplainCommand(InstantSource clock) {
        this.clock = clock;
    }

    /** One of the two. */
    static final class Source {
        @Option(names = "--token-file", paramLabel = "FILE", description = "An ID token; it is verified as in a job.")
        private @Nullable Path token;

        @Option(
                names = "--claims",
                paramLabel = "FILE",
                description = "A token's claims as JSON, believed as they are.")
        private @Nullable Path claims;
    }

    @Override
    public Integer call() {
        PolicyFile file = PolicyFile.review(policy.file());
        List<Finding> findings = new ArrayList<>();
        Optional<JobClaims> job = source.token != null ? verified(source.token, findings) : assumed();
        job.ifPresent(claims -> findings.addAll(decide(file, claims)));
        print(findings, file);
        job.ifPresent(claims -> printLater(file, claims));
        return findings.stream().allMatch(Finding::holds) ? 0 : DENIED;
    }

    private Optional<JobClaims> verified(Path token, List<Finding> findings) {
        var config = policy.config();
        TokenExplanation explanation = new IdTokenVerifier(config.issuer(), config.stateDir(), clock)
                .explain(read(token).strip());
        findings.addAll(explanation.findings());
        return explanation.claims();
    }

    private Optional<JobClaims> assumed() {
        Path file = requireNonNull(source.claims);
        return Optional.of(parsed(file.toString(), read(file), JobClaims::assumedJson));
    }

    private List<Finding> decide(PolicyFile file, JobClaims job) {
        var now = new Circumstances(
                jobImage == null ? ANY_IMAGE : parsed("--job-image", jobImage, ImageRef::parse),
                List.of(),
                time == null ? clock.instant() : time,
                brokenGlass ? Optional.of("as if") : Optional.empty());
        return environment()
                .map(name -> file.policy().explain(job, now, name))
                .orElseGet(() -> file.policy().explain(job, now))
                .stream()
                .filter(finding -> jobImage != null || !finding.check().equals(Policy.JOB_IMAGE))
                .toList();
    }

    private Optional<EnvironmentName> environment() {
        return Optional.ofNullable(environment).map(text -> parsed("--environment", text, EnvironmentName::new));
    }

    private void printLater(PolicyFile file, JobClaims job) {
        List<String> later = new ArrayList<>(file.policy().laterChecks(job, environment()));
        if (jobImage == null && !later.isEmpty()) {
            later.addFirst(Policy.JOB_IMAGE);
        }
        if (!later.isEmpty()) {
            console.out().println("Decided when the job runs: " + String.join(", ", later));
        }
    }

    private void print(List<Finding> findings, PolicyFile file) {
        PrintWriter out = console.out();
        TextTable.lines(
                        List.of("CHECK", "VERDICT", "SEEN", "WANTED"),
                        findings.stream()
                                .map(it -> List.of(it.check(), it.holds() ? "ok" : "FAIL", it.saw(), it.wanted()))
                                .toList())
                .forEach(out::println);
        out.println();
        Optional<Finding> first =
                findings.stream().filter(finding -> !finding.holds()).findFirst();
        out.println(first.map(finding -> "Denied: %s (policy %s).%nnext: %s"
                        .formatted(finding.check(), file.shortHash(), finding.next()))
                .orElse("Allowed (policy %s).".formatted(file.shortHash())));
    }

    private static String read(Path file) {
        byte[] content = ReviewedFile.read(file);
        if (content.length > MAX_BYTES) {
            throw usage(file.toString(), "it has more than %d bytes".formatted(MAX_BYTES));
        }
        return new String(content, UTF_8);
    }

    private static <T> T parsed(String on, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException refused) {
            throw usage(on, String.valueOf(refused.getMessage()));
        }
    }

    private static ExecutorException usage(String on, String saw) {
        return new ExecutorException(
                new Failure(FailureCode.USAGE, "explain the decision", on, saw, "Correct it and try again."));
    }
}
