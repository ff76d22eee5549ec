package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeCheck;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.checks.Vantage;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.DurationText;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretValue;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/** The smoke checks of a release, one after the other; the first that fails and blocks is the last. */
final class SmokeChecks {
    private static final int SHOWN_LINES = 20;

    /** From where what is done once for all hosts is done. */
    static final String JOB = "the job's container";

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
        Vantage from = new Vantage(host.name().value(), host.connection()::tunnel, Optional.empty());
        Asking asking = new Asking(from, release.checks().healthUrl(), host);
        List<SmokeSpec> due = due(probe -> switch (probe) {
            case SmokeProbe.Http http -> http.from().contains(Place.HOST);
            case SmokeProbe.Tcp tcp -> tcp.from().contains(Place.HOST);
            case SmokeProbe.InService _ -> true;
            case SmokeProbe.InJob _ -> false;
        });
        return untilFailed(due, check -> {
            var _ = host.doing(check.check());
            return switch (check.probe()) {
                case SmokeProbe.InService service -> inService(check, service, host);
                default -> asking.ask(check);
            };
        });
    }

    /** Those that this machine makes by the environment's public URL. */
    List<SmokeSpec> publicOnes() {
        return due(probe -> switch (probe) {
            case SmokeProbe.Http http -> http.from().contains(Place.PUBLIC);
            case SmokeProbe.Tcp tcp -> tcp.from().contains(Place.PUBLIC);
            case SmokeProbe.InService _, SmokeProbe.InJob _ -> false;
        });
    }

    /** @param host whose env file has what a check sends */
    List<CheckResult> inPublic(Vantage from, URI url, HostDeployment host) throws InterruptedException {
        Asking asking = new Asking(from, url, host);
        return untilFailed(publicOnes(), asking::ask);
    }

    /** Those whose commands run in the job's container. */
    List<SmokeSpec> jobOnes() {
        return due(probe -> probe instanceof SmokeProbe.InJob);
    }

    List<CheckResult> inJob(DeployInput.JobContainer container) throws InterruptedException {
        return untilFailed(jobOnes(), check -> {
            Instant start = scope.clock().instant();
            try {
                List<String> command = ((SmokeProbe.InJob) check.probe()).command();
                return verdict(check, JOB, container.run(command, release.version(), check.timeout()), start);
            } catch (ExecutorException failed) {
                return failed(check, JOB, failed.failure().saw(), start);
            }
        });
    }

    private List<SmokeSpec> due(Predicate<SmokeProbe> here) {
        return release.checks().smoke().stream()
                .filter(check -> here.test(check.probe()))
                .filter(check -> kind == Kind.FIRST || isRepeatable(check.probe()))
                .toList();
    }

    private static boolean isRepeatable(SmokeProbe probe) {
        return switch (probe) {
            case SmokeProbe.Http http -> !http.mutating();
            case SmokeProbe.Tcp _ -> true;
            case SmokeProbe.InService _, SmokeProbe.InJob _ -> false;
        };
    }

    private interface Make {
        CheckResult make(SmokeSpec check) throws InterruptedException;
    }

    private List<CheckResult> untilFailed(List<SmokeSpec> checks, Make make) throws InterruptedException {
        List<CheckResult> results = new ArrayList<>();
        for (SmokeSpec check : checks) {
            CheckResult result = cancellation.isRequested()
                    ? new Failed(check.check(), "", "to be made", "the job was canceled", 0, Duration.ZERO)
                    : make.make(check);
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
            Instant start = scope.clock().instant();
            SortedMap<EnvKey, SecretValue> sent;
            try {
                sent = sent(check);
            } catch (ExecutorException failed) {
                return failed(check, host.name().value(), failed.failure().saw(), start);
            } catch (IllegalArgumentException foreign) {
                return failed(
                        check, host.name().value(), "the env file of %s was changed".formatted(release.id()), start);
            }
            // The log knows the values that this deploy has read; those of an earlier release only the host knows.
            Masker masker = new Masker();
            sent.values().forEach(masker::add);
            return new SmokeCheck(from, text -> masker.mask(scope.log().masked(text)), cancellation)
                    .run(check, base, text -> filled(text, sent));
        }

        /** Of the release on the host: it has them also when Vault does not answer any more. */
        private SortedMap<EnvKey, SecretValue> sent(SmokeSpec check) throws InterruptedException {
            List<String> names =
                    check.probe() instanceof SmokeProbe.Http http ? CheckSpec.placeholders(http) : List.of();
            if (!names.isEmpty() && variables.isEmpty()) {
                variables = Optional.of(host.files(release.id()).variables());
            }
            SortedMap<EnvKey, SecretValue> sent = new TreeMap<>(variables.orElseGet(TreeMap::new));
            sent.keySet().removeIf(key -> !names.contains(key.value()));
            return sent;
        }
    }

    private static String filled(String text, SortedMap<EnvKey, SecretValue> variables) {
        return CheckSpec.PLACEHOLDER.matcher(text).replaceAll(found -> {
            SecretValue value = variables.get(new EnvKey(found.group(1)));
            return Matcher.quoteReplacement(value == null ? "" : value.reveal());
        });
    }

    private CheckResult inService(SmokeSpec check, SmokeProbe.InService probe, HostDeployment host) {
        Instant start = scope.clock().instant();
        String from = "%s, in a container of %s".formatted(host.name(), probe.service());
        try {
            return host.exec(probe.service(), probe.command(), check.timeout(), cancellation)
                    .map(ended -> verdict(check, from, ended, start))
                    .orElseGet(() -> failed(check, from, "no container of %s runs".formatted(probe.service()), start));
        } catch (ExecutorException failed) {
            return failed(check, from, failed.failure().saw(), start);
        }
    }

    private CheckResult verdict(SmokeSpec check, String from, CommandOutcome outcome, Instant start) {
        if (outcome.exitCode().equals(OptionalInt.of(0))) {
            return new Passed(check.check(), from, "ended with exit code 0", 1, since(start));
        }
        String ended = outcome.exitCode().isPresent()
                ? "ended with exit code " + outcome.exitCode().getAsInt()
                : "did not end in " + DurationText.fine(check.timeout());
        StringBuilder saw = new StringBuilder(ended);
        // Masked before it is cleaned and its lines are shortened: half a secret is found by nobody.
        PlainText.lastLines(scope.log().masked(outcome.output()), SHOWN_LINES)
                .forEach(line -> saw.append("\n| ").append(line));
        return failed(check, from, saw.toString(), start);
    }

    private CheckResult failed(SmokeSpec check, String from, String saw, Instant start) {
        String wanted = check.probe() instanceof SmokeProbe.Http ? "an answer" : "exit code 0";
        return check.judged(new Failed(check.check(), from, wanted, saw, 1, since(start)));
    }

    private Duration since(Instant start) {
        return Duration.between(start, scope.clock().instant());
    }
}
