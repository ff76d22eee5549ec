package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.HostName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a deploy would change, host by host; made of facts alone, so that it can be printed before anything happens. */
record DeployPlan(List<HostPlan> hosts) {

    DeployPlan {
        hosts = List.copyOf(hosts);
    }

    /**
     * The plan for one host.
     *
     * @param from what a failure goes back to
     * @param already whether nothing has to change
     * @param notes what a reader should know before it starts
     */
    record HostPlan(
            HostName host, Optional<RunningVersion> from, RunningVersion to, boolean already, List<String> notes) {

        String describe() {
            String old = from.map(DeployPlan::shown).orElse("nothing of ours");
            return already
                    ? "%s: already on %s, nothing will restart".formatted(host, shown(to))
                    : "%s: %s -> %s".formatted(host, old, shown(to));
        }
    }

    /** {@code states} in the order of the policy. */
    static DeployPlan of(Release wanted, Map<HostName, HostState> states) {
        List<HostPlan> hosts = new ArrayList<>();
        states.forEach((host, state) -> hosts.add(new HostPlan(
                host,
                state.lastVerified().map(ReleaseRecord::version),
                wanted.record().version(),
                state.isAlready(wanted),
                notes(state, wanted))));
        return new DeployPlan(hosts);
    }

    boolean isUnchanged() {
        return hosts.stream().allMatch(HostPlan::already);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (HostPlan host : hosts) {
            lines.add(host.describe());
            host.notes().forEach(note -> lines.add("  " + note));
        }
        return lines;
    }

    private static List<String> notes(HostState state, Release wanted) {
        List<String> notes = new ArrayList<>();
        state.failureOf(wanted.record().origin().sha()).ifPresent(failed -> notes.add(failed.describe()));
        Optional<ReleaseRecord> last = state.lastVerified();
        boolean cutOff = state.current().isPresent()
                && state.currentRelease().flatMap(ReleaseRecord::verified).isEmpty();
        if (cutOff) {
            notes.add("release %s was never verified: an earlier deploy was cut off"
                    .formatted(state.current().get()));
        }
        SchemaSpec schema = wanted.record().schema();
        last.filter(release -> !state.schema().and(schema).allows(release.schema()))
                .ifPresent(release -> notes.add(
                        "if it fails it will not be rolled back: schema %d, on which releases below schema %d do not run; %s is of schema %d"
                                .formatted(
                                        schema.version(),
                                        schema.oldest(),
                                        release.id(),
                                        release.schema().version())));
        if (last.isEmpty()) {
            notes.add("no verified release is there: if this one fails, there is nothing to go back to");
            wanted.record().images().keySet().stream()
                    .filter(service -> state.containers().stream()
                            .anyMatch(container -> container.service().equals(service.value())))
                    .forEach(service -> notes.add(
                            "service %s runs there, started by somebody else: it will be replaced".formatted(service)));
        }
        return notes;
    }

    private static String shown(RunningVersion version) {
        return "%s (%s)".formatted(version.tags(), version.digests());
    }
}
