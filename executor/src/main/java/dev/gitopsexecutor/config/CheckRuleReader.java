package dev.gitopsexecutor.config;

import dev.gitopsexecutor.policy.CheckRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The keys below {@code checks} of an environment in the policy. */
final class CheckRuleReader {
    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?");

    private CheckRuleReader() {}

    static Optional<CheckRule> read(YamlMap map) {
        int before = map.problems().count();
        CheckRule common = CheckRule.DEFAULT;
        List<String> hosts = map.optionalList(
                "public_hosts",
                Texts.matching(
                        HOST, "the host of a URL in small letters, with a port where it is not the scheme's own"),
                common.publicHosts());
        Optional<Path> caFile = map.optional("ca_file", Texts.absolutePath());
        if (caFile.isPresent() && hosts.isEmpty()) {
            map.problem("ca_file", "means nothing without `public_hosts`; write those too");
        }
        Duration stability =
                map.optional("stability", Texts.duration(Duration.ZERO, Duration.ofHours(1)), common.stability());
        map.end();
        return map.problems().ifNoneSince(before, () -> new CheckRule(hosts, caFile, stability));
    }
}
