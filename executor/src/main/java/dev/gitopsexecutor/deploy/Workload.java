package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How the services of a release run.
 *
 * @param jobs which run to their end at each deploy, and must end in 0; the others stay
 * @param replicas how many containers a service that stays has, where it is not one
 * @param counted whether that is known; where an earlier version wrote the record, any number counts
 */
record Workload(SortedSet<ServiceName> jobs, SortedMap<ServiceName, Integer> replicas, boolean counted) {

    Workload(SortedSet<ServiceName> jobs, SortedMap<ServiceName, Integer> replicas) {
        this(jobs, replicas, true);
    }

    Workload {
        jobs = Collections.unmodifiableSortedSet(new TreeSet<>(jobs));
        replicas = Collections.unmodifiableSortedMap(new TreeMap<>(replicas));
    }

    int replicas(ServiceName service) {
        return replicas.getOrDefault(service, 1);
    }

    /** Whether so many containers of a service are as it is to be. */
    boolean fits(ServiceName service, int count) {
        return counted ? count == replicas(service) : count > 0;
    }

    /** Those of {@code services} that stay. */
    SortedMap<ServiceName, ImageRef> staying(SortedMap<ServiceName, ImageRef> services) {
        SortedMap<ServiceName, ImageRef> staying = new TreeMap<>(services);
        staying.keySet().removeAll(jobs);
        return staying;
    }
}
