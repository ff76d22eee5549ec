package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeCheck;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.checks.Vantage;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.secrets.SecretValue;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Matcher;

/** The smoke checks of a release, one after the other; the first that fails and blocks is the last. */
final class SmokeChecks {
    /** As the masker of the job log has it: a shorter value is found everywhere. */
    private static final int SHORTEST_SECRET = 8;

    private static final int SHOWN_LINES = 20;

    private final ReleaseRecord release;
    private final Kind kind;
    private final DeployScope scope;
    private final Cancellation cancellation;

    /** Which of them may be made. */
    enum Kind {
        /** All: the release comes for the first time. */
        FIRST,
        /** Those that may be repeated: no command, which nobody knows to be harmless, and nothing that changes anything. */
        AGAIN
    }

    SmokeChecks(ReleaseRecord release, Kind kind, DeployScope scope, Cancellation cancellation) {
        this.release = release;
        this.kind = kind;
        this.scope = scope;
        this.cancellation = cancellation;
    }

    /** Those that a host asks itself. */
    List<CheckResult> on(HostDeployment host) throws InterruptedException {
        List<SmokeSpec> checks = release.checks().smoke().stream()
                .filter(check -> switch (check.probe()) {
                    case SmokeProbe.Http http -> http.from().contains(Place.HOST) && isDue(http);
                    case SmokeProbe.Tcp tcp -> tcp.from().contains(Place.HOST);
                    case SmokeProbe.InService _ -> kind == Kind.FIRST;
                    case SmokeProbe.InJob _ -> false;
                })
                .toList();
        Vantage from = new Vantage(host.name().value(), host.connection()::tunnel, Optional.empty());
        Asking asking = new Asking(from, release.checks().healthUrl(), host);
        return untilFailed(checks, check -> switch (check.probe()) {
            case SmokeProbe.InService service -> inService(check, service, host);
            default -> asking.ask(check);
        });
    }

    /**
     * Those that are made once for all hosts.
     *
     * @param url the public one, if there is any
     * @param host whose env file has what a check sends
     * @param container where commands run that name no service; empty where there is none
     */
    List<CheckResult> everywhere(
            Vantage from, Optional<URI> url, HostDeployment host, Optional<DeployInput.JobContainer> container)
            throws InterruptedException {
        List<SmokeSpec> checks = release.checks().smoke().stream()
                .filter(check -> switch (check.probe()) {
                    case SmokeProbe.Http http -> http.from().contains(Place.PUBLIC) && url.isPresent() && isDue(http);
                    case SmokeProbe.Tcp tcp -> tcp.from().contains(Place.PUBLIC) && url.isPresent();
                    case SmokeProbe.InService _ -> false;
                    case SmokeProbe.InJob _ -> kind == Kind.FIRST && container.isPresent();
                })
                .toList();
        Asking asking = new Asking(from, url.orElse(release.checks().healthUrl()), host);
        return untilFailed(checks, check -> switch (check.probe()) {
            case SmokeProbe.InJob job -> inJob(check, job, container.orElseThrow());
            default -> asking.ask(check);
        });
    }

    /** Whether {@link #everywhere} has anything to do. */
    boolean haveAnyEverywhere(boolean hasContainer) {
        return release.checks().smoke().stream().anyMatch(check -> switch (check.probe()) {
            case SmokeProbe.Http http ->
                http.from().contains(Place.PUBLIC)
                        && isDue(http)
                        && release.checks().publicUrl().isPresent();
            case SmokeProbe.Tcp tcp ->
                tcp.from().contains(Place.PUBLIC)
                        && release.checks().publicUrl().isPresent();
            case SmokeProbe.InService _ -> false;
            case SmokeProbe.InJob _ -> kind == Kind.FIRST && hasContainer;
        });
    }

    private boolean isDue(SmokeProbe.Http http) {
        return kind == Kind.FIRST || !http.mutating();
    }

    private interface Make {
        CheckResult make(SmokeSpec check) throws InterruptedException;
    }

    private static List<CheckResult> untilFailed(List<SmokeSpec> checks, Make make) throws InterruptedException {
        List<CheckResult> results = new ArrayList<>();
        for (SmokeSpec check : checks) {
            CheckResult result = make.make(check);
            results.add(result);
            if (result instanceof Failed) {
                break;
            }
        }
        return results;
    }

    /** Requests from one place. */
    private final class Asking {
        private final Vantage from;
        private final URI base;
        private final HostDeployment host;
        private Optional<SortedMap<EnvKey, SecretValue>> variables = Optional.empty();

        Asking(Vantage from, URI base, HostDeployment host) {
            this.from = from;
            this.base = base;
            this.host = host;
        }

        CheckResult ask(SmokeSpec check) throws InterruptedException {
            SortedMap<EnvKey, SecretValue> known = Collections.emptySortedMap();
            if (check.probe() instanceof SmokeProbe.Http http
                    && !CheckSpec.placeholders(http).isEmpty()) {
                try {
                    known = variables();
                } catch (IllegalArgumentException foreign) {
                    return judged(
                            check,
                            new Failed(
                                    "smoke " + check.name(),
                                    host.name().value(),
                                    "the env file that was written",
                                    "the env file of %s was changed".formatted(release.id()),
                                    1,
                                    Duration.ZERO));
                }
            }
            SortedMap<EnvKey, SecretValue> sent = known;
            return new SmokeCheck(from, text -> masked(text, sent), cancellation)
                    .run(check, base, text -> filled(text, sent));
        }

        /** Of the release on the host: it has them also when Vault does not answer any more. */
        private SortedMap<EnvKey, SecretValue> variables() throws InterruptedException {
            if (variables.isEmpty()) {
                variables = Optional.of(host.files(release.id()).variables());
            }
            return variables.get();
        }
    }

    private String masked(String text, SortedMap<EnvKey, SecretValue> sent) {
        String masked = scope.log().masked(text);
        for (SecretValue value : sent.values()) {
            if (value.reveal().length() >= SHORTEST_SECRET) {
                masked = masked.replace(value.reveal(), "[MASKED]");
            }
        }
        return masked;
    }

    private static String filled(String text, SortedMap<EnvKey, SecretValue> variables) {
        return CheckSpec.PLACEHOLDER.matcher(text).replaceAll(found -> {
            SecretValue value = variables.get(new EnvKey(found.group(1)));
            return Matcher.quoteReplacement(value == null ? "" : value.reveal());
        });
    }

    private CheckResult inService(SmokeSpec check, SmokeProbe.InService probe, HostDeployment host)
            throws InterruptedException {
        Instant start = scope.clock().instant();
        Optional<CommandOutcome> outcome = host.exec(probe.service(), probe.command(), check.timeout());
        String from = "%s, in a container of %s".formatted(host.name(), probe.service());
        return outcome.map(ended -> verdict(check, from, ended, start))
                .orElseGet(() -> failed(check, from, "no container of %s runs".formatted(probe.service()), start));
    }

    private CheckResult inJob(SmokeSpec check, SmokeProbe.InJob probe, DeployInput.JobContainer container)
            throws InterruptedException {
        Instant start = scope.clock().instant();
        CommandOutcome outcome = container.run(probe.command(), release.version(), check.timeout());
        return verdict(check, "the job's container", outcome, start);
    }

    private CheckResult verdict(SmokeSpec check, String from, CommandOutcome outcome, Instant start) {
        if (outcome.exitCode().orElse(-1) == 0) {
            return new Passed("smoke " + check.name(), from, "ended with exit code 0", 1, since(start));
        }
        String ended = outcome.exitCode().isPresent()
                ? "ended with exit code " + outcome.exitCode().getAsInt()
                : "did not end in %d s".formatted(check.timeout().toSeconds());
        StringBuilder saw = new StringBuilder(ended);
        // Masked before it is cleaned and its lines are shortened: half a secret is found by nobody.
        PlainText.lastLines(scope.log().masked(outcome.output()), SHOWN_LINES)
                .forEach(line -> saw.append("\n| ").append(line));
        return failed(check, from, saw.toString(), start);
    }

    private CheckResult failed(SmokeSpec check, String from, String saw, Instant start) {
        return judged(check, new Failed("smoke " + check.name(), from, "exit code 0", saw, 1, since(start)));
    }

    private static CheckResult judged(SmokeSpec check, Failed failed) {
        return check.blocking() ? failed : new Warned(failed);
    }

    private Duration since(Instant start) {
        return Duration.between(start, scope.clock().instant());
    }
}
