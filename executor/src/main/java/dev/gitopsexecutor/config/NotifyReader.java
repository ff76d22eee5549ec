package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.model.NotifierName;
import dev.gitopsexecutor.policy.NotifyRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code notify} of an environment. */
final class NotifyReader {
    /** A message stays short. */
    private static final int MOST_MENTIONS = 10;

    private NotifyReader() {}

    static List<NotifyRule> read(YamlMap environment) {
        Set<NotifierName> told = new HashSet<>();
        return environment.optionalMaps("notify", map -> rule(map, told));
    }

    private static Optional<NotifyRule> rule(YamlMap map, Set<NotifierName> told) {
        int before = map.problems().count();
        Optional<NotifierName> to = map.required("to", YamlType.text(NotifierName::new));
        if (to.isPresent() && !told.add(to.get())) {
            map.problem("to", "%s stands there twice; keep one".formatted(to.get()));
        }
        List<DeployEvent> on =
                map.optionalList("on", YamlType.oneOf(DeployEvent.values()), List.copyOf(NotifyRule.DEFAULT_EVENTS));
        List<Mention> mentions = map.optionalList("mention", YamlType.text(Mention::new), List.of());
        if (mentions.size() > MOST_MENTIONS) {
            map.problem("mention", "%d are too many; write at most %d".formatted(mentions.size(), MOST_MENTIONS));
        }
        map.end();
        return map.problems().ifNoneSince(before, () -> new NotifyRule(to.orElseThrow(), Set.copyOf(on), mentions));
    }
}
