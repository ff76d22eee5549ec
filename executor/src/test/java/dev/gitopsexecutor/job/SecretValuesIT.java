package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.secrets.LeakSearch;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Values of every hard kind go from Vault to a running process and are, byte by byte, what they were. */
@RealParts
class SecretValuesIT {

    @Test
    void aRunningContainerHasEveryValueByteByByte(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("values").create();
        Map<String, String> secrets = new TreeMap<>(Map.of(
                "SPACES", "  two  blanks around and within  ",
                "QUOTES", "'single' \"double\" `back` '' \"\"",
                "DOLLARS", "$HOME ${HOME} $$ $(id) ${HOME:-x} ends with $",
                "HASHES", "# no comment #at all",
                "BACKSLASHES", "\\ \\\\ \\n \\$HOME \\\" ends with \\",
                "LINES", "-----BEGIN KEY-----\nQUJD\tREVG\n\n-----END KEY-----\n",
                "WINDOWS_LINES", "first line\r\nsecond line\r\n",
                "UNICODE", "na\u00efve \u2603 \u6f22\u5b57 \ud83d\ude00 \u00a0\u2028",
                "CONTROLS", "\u0001\u0007\b\u000b\f\u001b[31m\u007f",
                "LARGE", "a'b\"c$d\\e#f g\n".repeat(64 * 1024 / 14).substring(0, 60_000) + "x".repeat(5_536)));
        testbed.vault().write(environment.secretPath(), secrets);
        Release release = environment.release(AppVariant.HEALTHY, environment.branch(), files -> {
            String references = secrets.keySet().stream()
                    .map(key -> "      %s: %s#%s\n".formatted(key, environment.secretPath(), key))
                    .collect(Collectors.joining());
            files.computeIfPresent(
                    ".gitops/deploy.yaml",
                    (_, text) -> text.replaceFirst("(?m)^ +DATABASE_PASSWORD: .*\n", references)
                            .replace("      LOG_LEVEL: debug\n", "      LOG_LEVEL: debug\n      EMPTY: \"\"\n"));
            return files;
        });

        JobResult result = environment.runner().run(environment.job(release));

        assertStatus(result, SUCCESS);
        TargetHost host = environment.hosts().getFirst();
        String container = host.run(
                        "docker", "ps", "-q", "--filter", "label=com.docker.compose.project=" + environment.project())
                .strip();
        // Of the service's own first process, as the kernel has it; in base64, for a test reads text.
        String environ = host.run("docker", "exec", container, "/bin/busybox", "base64", "/proc/1/environ");
        Map<String, String> seen = Arrays.stream(
                        new String(Base64.getMimeDecoder().decode(environ), UTF_8).split("\0", -1))
                .filter(entry -> !entry.isEmpty())
                .collect(Collectors.toMap(
                        entry -> entry.substring(0, entry.indexOf('=')),
                        entry -> entry.substring(entry.indexOf('=') + 1)));
        assertThat(seen)
                .containsAllEntriesOf(secrets)
                .containsEntry("EMPTY", "")
                .containsEntry("LOG_LEVEL", "debug");
        assertThat(seen.get("LARGE")).hasSize(65_536);
        assertThat(new LeakSearch(secrets.values().toArray(String[]::new)).in(result.log()))
                .isEmpty();
    }
}
