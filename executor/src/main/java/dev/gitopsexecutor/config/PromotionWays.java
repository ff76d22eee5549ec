package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.policy.Tier;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** From which environment to which releases may go; a way must lead upwards and not in a circle. */
final class PromotionWays {
    private final Map<EnvironmentName, Stop> stops = new HashMap<>();

    private record Stop(YamlMap map, Tier tier, Optional<EnvironmentName> from) {}

    void add(EnvironmentName name, YamlMap map, Tier tier, Optional<EnvironmentName> from) {
        stops.put(name, new Stop(map, tier, from));
    }

    /** Call when every environment was added. */
    void check() {
        stops.forEach((name, stop) -> stop.from().ifPresent(from -> {
            Stop below = stops.get(from);
            if (below == null) {
                stop.map().problem("promotes_from", "there is no environment \"%s\" here".formatted(from));
            } else if (below.tier().compareTo(stop.tier()) > 0) {
                stop.map()
                        .problem(
                                "promotes_from",
                                "\"%s\" is of a higher tier; name the environment that comes before".formatted(from));
            } else if (leadsInACircle(name)) {
                stop.map().problem("promotes_from", "leads in a circle; one environment must be the first");
            }
        }));
    }

    private boolean leadsInACircle(EnvironmentName start) {
        Set<EnvironmentName> seen = new HashSet<>();
        Optional<EnvironmentName> next = Optional.of(start);
        while (next.isPresent()) {
            if (!seen.add(next.get())) {
                return true;
            }
            next = Optional.ofNullable(stops.get(next.get())).flatMap(Stop::from);
        }
        return false;
    }
}
