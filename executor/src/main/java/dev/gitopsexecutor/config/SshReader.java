package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.policy.SshRule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The keys of an environment and of its hosts that say who proves what to whom over SSH. */
final class SshReader {
    /** Stands in a path of Vault's, so that it must not climb. */
    private static final YamlType<String> ROLE =
            Texts.matching(Pattern.compile("[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,127}"), "the name of a role");

    private SshReader() {}

    static Optional<SshRule> identity(YamlMap map) {
        int before = map.problems().count();
        Optional<SshRule> file =
                map.optional("ssh_key_file", Texts.absolutePath()).map(SshRule.KeyFile::new);
        Optional<SshRule> secret = map.optional("ssh_key_secret", YamlType.text(PolicyReader::field))
                .map(ref -> new SshRule.KeySecret(ref.path(), ref.key()));
        Optional<SshRule> certificate = map.optionalMap("ssh_certificate", SshReader::certificate);
        exactlyOne(map, List.of("ssh_key_file", "ssh_key_secret", "ssh_certificate"));
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> file.or(() -> secret).or(() -> certificate).orElseThrow());
    }

    static Optional<HostTrust> trust(YamlMap map) {
        int before = map.problems().count();
        Optional<HostTrust> key =
                map.optional("host_key", YamlType.text(HostKeys::parse)).map(HostTrust.PinnedKey::new);
        Optional<HostTrust> authority =
                map.optional("host_ca", YamlType.text(HostKeys::parse)).map(HostTrust.CertificateAuthority::new);
        exactlyOne(map, List.of("host_key", "host_ca"));
        return map.problems().ifNoneSince(before, () -> key.or(() -> authority).orElseThrow());
    }

    private static Optional<SshRule> certificate(YamlMap map) {
        int before = map.problems().count();
        String mount = map.optional("mount", ExecutorConfigReader.path(), "ssh");
        Optional<String> role = map.required("role", ROLE);
        map.end();
        return map.problems().ifNoneSince(before, () -> new SshRule.Certificate(mount, role.orElseThrow()));
    }

    private static void exactlyOne(YamlMap map, List<String> keys) {
        List<String> present = keys.stream().filter(map::has).toList();
        if (present.isEmpty()) {
            map.problem(keys.getFirst(), "missing; write %s".formatted(quoted(keys, " or ")));
        } else if (present.size() > 1) {
            map.problem(
                    present.getLast(),
                    "contradicts %s; keep one".formatted(quoted(present.subList(0, present.size() - 1), " and ")));
        }
    }

    private static String quoted(List<String> keys, String between) {
        return keys.stream().map("`%s`"::formatted).collect(Collectors.joining(between));
    }
}
