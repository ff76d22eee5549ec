package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ServiceName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What one {@code docker compose up} starts.
 *
 * @param jobs that run anew; all must have ended in 0 before the next step
 * @param services that stay; those of earlier steps again, so that Compose knows what a job waits for
 */
record StartStep(SortedSet<ServiceName> jobs, SortedSet<ServiceName> services) {

    StartStep {
        jobs = Collections.unmodifiableSortedSet(new TreeSet<>(jobs));
        services = Collections.unmodifiableSortedSet(new TreeSet<>(services));
    }

    /** All services of a release that stay, at once; no job. */
    static StartStep staying(ReleaseRecord release) {
        return new StartStep(new TreeSet<>(), new TreeSet<>(release.staying().keySet()));
    }

    /**
     * The steps of a release, each job as early as it can be. In a single {@code up} Compose v2 first replaces every
     * container, and only then waits for what {@code depends_on} names: a migration that fails would find the old
     * application gone already.
     *
     * @param services all of the release, jobs too
     * @param dependencies of each among them, as {@code depends_on} has them; without a circle, which Compose refuses
     */
    static List<StartStep> of(
            Set<ServiceName> services,
            Set<ServiceName> jobs,
            Map<ServiceName, ? extends Set<ServiceName>> dependencies) {
        List<StartStep> steps = new ArrayList<>();
        SortedSet<ServiceName> left = new TreeSet<>(services);
        SortedSet<ServiceName> started = new TreeSet<>();
        while (!left.isEmpty()) {
            SortedSet<ServiceName> jobsLeft = intersection(left, jobs);
            SortedSet<ServiceName> ready = jobsLeft.stream()
                    .filter(job -> Collections.disjoint(of(job, dependencies), left))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!ready.isEmpty()) {
                steps.add(new StartStep(ready, started));
            } else {
                // Whatever no job waits for comes last: when a job fails, as little as possible was replaced.
                ready = intersection(jobsLeft.isEmpty() ? left : neededBy(jobsLeft, dependencies), left);
                ready.removeAll(waitingFor(jobsLeft, ready, dependencies));
                if (ready.isEmpty()) {
                    throw new IllegalArgumentException("services that wait for each other: " + left);
                }
                started.addAll(ready);
                steps.add(new StartStep(new TreeSet<>(), started));
            }
            left.removeAll(ready);
        }
        return List.copyOf(steps);
    }

    private static Set<ServiceName> of(ServiceName service, Map<ServiceName, ? extends Set<ServiceName>> dependencies) {
        Set<ServiceName> direct = dependencies.get(service);
        return direct == null ? Set.of() : direct;
    }

    private static SortedSet<ServiceName> intersection(Set<ServiceName> some, Set<ServiceName> others) {
        SortedSet<ServiceName> both = new TreeSet<>(some);
        both.retainAll(others);
        return both;
    }

    /** What {@code jobs} wait for, directly or through others. */
    private static Set<ServiceName> neededBy(
            Set<ServiceName> jobs, Map<ServiceName, ? extends Set<ServiceName>> dependencies) {
        Set<ServiceName> needed = new HashSet<>();
        List<ServiceName> open = new ArrayList<>(jobs);
        while (!open.isEmpty()) {
            of(open.removeLast(), dependencies).stream().filter(needed::add).forEach(open::add);
        }
        return needed;
    }

    /** Those of {@code services} that wait for one of {@code jobs}, directly or through others. */
    private static SortedSet<ServiceName> waitingFor(
            Set<ServiceName> jobs,
            Set<ServiceName> services,
            Map<ServiceName, ? extends Set<ServiceName>> dependencies) {
        return services.stream()
                .filter(service ->
                        !Collections.disjoint(neededBy(Set.of(service), dependencies), jobs) || jobs.contains(service))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
