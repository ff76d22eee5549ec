package dev.gitopsexecutor.job;

import dev.gitopsexecutor.deploy.CommandOutcome;
import dev.gitopsexecutor.deploy.DeployInput;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.TailBytes;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.Role;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.target.ShellQuote;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** The job's container as smoke checks see it: locked down as for the job's script, in the project's directory. */
final class SmokeContainer implements DeployInput.JobContainer {
    private static final int MAX_OUTPUT = 20_000;

    private final Sandbox sandbox;
    private final JobId job;
    private final Path directory;
    private final Cancellation cancellation;
    private final Map<String, String> environment;

    /** @param url the public one of the environment */
    SmokeContainer(
            Sandbox sandbox,
            JobId job,
            Path directory,
            String environment,
            Optional<URI> url,
            Cancellation cancellation) {
        this.sandbox = sandbox;
        this.job = job;
        this.directory = directory;
        this.cancellation = cancellation;
        this.environment = new TreeMap<>(Map.of("GITOPS_ENVIRONMENT", environment));
        url.ifPresent(place -> this.environment.put("GITOPS_URL", place.toString()));
    }

    @Override
    public CommandOutcome run(List<String> command, RunningVersion release, Duration limit) {
        TailBytes output = new TailBytes(MAX_OUTPUT);
        Cancellation end = new Cancellation();
        AtomicBoolean late = new AtomicBoolean();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofVirtual().name("smoke-timer").factory());
                Cancellation.Registration _ = cancellation.onRequest(end::request)) {
            var cut = timer.schedule(
                    () -> {
                        late.set(true);
                        end.request();
                    },
                    limit.toMillis(),
                    TimeUnit.MILLISECONDS);
            try {
                int code = sandbox.run(job, Role.JOB, script(command, release), output, output, end);
                return new CommandOutcome(late.get() ? OptionalInt.empty() : OptionalInt.of(code), output.wholeLines());
            } finally {
                // Else closing the timer would wait for it.
                cut.cancel(false);
            }
        }
    }

    private String script(List<String> command, RunningVersion release) {
        Map<String, String> variables = new TreeMap<>(environment);
        variables.put("GITOPS_RELEASE", release.release().value());
        variables.put("GITOPS_VERSION", release.tags());
        String exports = variables.entrySet().stream()
                .map(entry -> "export %s=%s\n".formatted(entry.getKey(), ShellQuote.quote(entry.getValue())))
                .collect(Collectors.joining());
        String words = command.stream().map(ShellQuote::quote).collect(Collectors.joining(" "));
        return "%scd %s || exit\nexec %s </dev/null\n"
                .formatted(exports, ShellQuote.quote(directory.toString()), words);
    }
}
