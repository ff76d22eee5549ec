package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The first changes to what runs on a host: makes a release the current one, runs its jobs and starts its services. */
final class ReleaseStart {
    private final HostDeployment host;
    private final Release release;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final Optional<SchemaMark> mark;
    private final Consumer<String> facts;
    private List<String> explanation = List.of();

    /**
     * @param mark to note on the host first, where it is another than before
     * @param facts hears what is done, line by line
     */
    ReleaseStart(
            HostDeployment host,
            Release release,
            Optional<SchemaMark> mark,
            DeployScope scope,
            Cancellation cancellation,
            Consumer<String> facts) {
        this.host = host;
        this.release = release;
        this.mark = mark;
        this.scope = scope;
        this.cancellation = cancellation;
        this.facts = facts;
    }

    /** Blocks until every job has ended and every service is started; the last result is a {@link Failed} or none is. */
    List<CheckResult> run() throws InterruptedException {
        ReleaseRecord record = release.record();
        List<CheckResult> results = new ArrayList<>();
        for (StartStep step : release.steps()) {
            host.activate(record.id(), step, mark);
            if (!step.jobs().isEmpty()) {
                CheckResult result = ended(step);
                results.add(result);
                if (result instanceof Failed) {
                    return results;
                }
            }
        }
        facts.accept("release %s is current, its containers are started".formatted(record.id()));
        return results;
    }

    private CheckResult ended(StartStep step) throws InterruptedException {
        ReleaseRecord record = release.record();
        String names = step.jobs().stream().map(ServiceName::value).collect(Collectors.joining(", "));
        facts.accept("release %s is current, its jobs run: %s".formatted(record.id(), names));
        SortedMap<ServiceName, ImageRef> jobs = new TreeMap<>(record.images());
        jobs.keySet().retainAll(step.jobs());
        ContainerCheck check = new ContainerCheck(host, record, jobs, scope, cancellation);
        CheckResult result = check.await(scope.in(record.checks().deadline()));
        if (result instanceof Failed) {
            explanation = check.explanation();
            return result;
        }
        return new Passed("job", host.name().value(), names + " ended with exit code 0", 1, ((Passed) result).took());
    }

    /** Of the job that failed; empty when none did. */
    List<String> explanation() {
        return explanation;
    }
}
