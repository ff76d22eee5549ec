package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.Role;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How a job's things are called on the engine, so that another process finds them again. */
record SandboxNames(String instance, JobId job) {
    private static final String PREFIX = "dev.gitopsexecutor.";
    private static final String INSTANCE = PREFIX + "instance";
    private static final String JOB = PREFIX + "job";
    private static final String PROJECT = PREFIX + "project";
    private static final String CACHE_UNTIL = PREFIX + "cache-until";
    private static final String DEADLINE = PREFIX + "deadline";

    String container(Role role) {
        return prefix() + role.lowerCase();
    }

    String buildsVolume() {
        return prefix() + "builds";
    }

    String cacheVolume() {
        return prefix() + "cache";
    }

    /** Of the job's one with that number, from 0. */
    String service(int number) {
        return prefix() + "service-" + number;
    }

    /** Of the proxy on the script's own loopback addresses. */
    String egressInside() {
        return prefix() + "egress-inside";
    }

    /** Of the proxy with a network. */
    String egressOutside() {
        return prefix() + "egress-outside";
    }

    /** Of the directory in which the two proxies meet. */
    String egressVolume() {
        return prefix() + "egress";
    }

    /**
     * Of the cache that outlives the job. Jobs of refs that everybody may push to have another one: they could leave
     * something there for those of protected refs.
     */
    String projectCache(SandboxSpec spec) {
        return "gitops-%s-cache-%s-%s"
                .formatted(instance, spec.project(), spec.refProtected() ? "protected" : "unprotected");
    }

    Map<String, String> projectCacheLabels(SandboxSpec spec, Instant until) {
        return Map.of(
                INSTANCE, instance,
                PROJECT, spec.project().toString(),
                CACHE_UNTIL, Long.toString(until.getEpochSecond()));
    }

    /** Until when the cache with these labels is kept; empty when they are not of one. */
    static Optional<Instant> cacheUntil(Map<String, String> labels) {
        try {
            return Optional.of(Instant.ofEpochSecond(Long.parseLong(labels.getOrDefault(CACHE_UNTIL, ""))));
        } catch (NumberFormatException | DateTimeException foreign) {
            return Optional.empty();
        }
    }

    /** What a script sees as its machine's name. */
    String hostname(Role role) {
        return "gitops-%s-%s".formatted(job, role.lowerCase());
    }

    Map<String, String> labels(SandboxSpec spec) {
        Map<String, String> labels = new TreeMap<>();
        spec.labels().forEach((key, value) -> labels.put(PREFIX + key, value));
        labels.put(INSTANCE, instance);
        labels.put(JOB, job.toString());
        labels.put(PROJECT, spec.project().toString());
        labels.put(DEADLINE, Long.toString(spec.deadline().getEpochSecond()));
        return labels;
    }

    /** What the engine's lists are asked for: everything of this job, nothing of another executor. */
    List<String> filter() {
        return List.of(INSTANCE + "=" + instance, JOB + "=" + job);
    }

    /** What an engine's list is asked for: everything of every job of this executor. */
    static List<String> filter(String instance) {
        return List.of(INSTANCE + "=" + instance);
    }

    /** Whose a thing with these labels is, and until when; empty when they are not what {@link #labels} makes. */
    static Optional<Owner> owner(Map<String, String> labels) {
        try {
            return Optional.of(new Owner(
                    new JobId(canonical(labels.getOrDefault(JOB, ""))),
                    Instant.ofEpochSecond(Long.parseLong(labels.getOrDefault(DEADLINE, "")))));
        } catch (IllegalArgumentException | DateTimeException foreign) {
            return Optional.empty();
        }
    }

    /** Another spelling of a number is not ours, and would not be found again by it. */
    private static long canonical(String text) {
        long number = Long.parseLong(text);
        if (!Long.toString(number).equals(text)) {
            throw new NumberFormatException(text);
        }
        return number;
    }

    record Owner(JobId job, Instant deadline) {}

    private String prefix() {
        return "gitops-%s-%s-".formatted(instance, job);
    }
}
