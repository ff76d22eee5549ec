package dev.gitopsexecutor.report;

import dev.gitopsexecutor.deploy.RunningVersion;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * What later jobs of the pipeline get as variables.
 *
 * @see <a href="https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv">GitLab's rules for the file</a>
 */
final class DotEnv {
    /** GitLab refuses the whole file beyond 5 KiB, or beyond 20 variables where it is old. */
    private static final int MAX_DIGESTS = 10;

    private static final int MAX_VALUE = 300;

    private DotEnv() {}

    static String of(DeployReport report, SafeText shown) {
        SequencedMap<String, String> variables = new LinkedHashMap<>();
        variables.put("GITOPS_OUTCOME", report.outcome().word());
        report.where()
                .ifPresent(where ->
                        variables.put("GITOPS_ENVIRONMENT", where.environment().value()));
        report.wanted().ifPresent(wanted -> {
            variables.put("GITOPS_RELEASE", wanted.release().value());
            variables.put("GITOPS_VERSION", wanted.tags());
            variables.putAll(digests(wanted));
        });
        report.url().ifPresent(url -> variables.put("GITOPS_URL", url.toString()));
        return variables.entrySet().stream()
                .map(variable -> "%s=%s\n".formatted(variable.getKey(), value(shown.line(variable.getValue()))))
                .collect(Collectors.joining());
    }

    private static SequencedMap<String, String> digests(RunningVersion wanted) {
        SequencedMap<String, String> digests = new LinkedHashMap<>();
        boolean alone = wanted.images().size() == 1;
        wanted.images().forEach((service, image) -> {
            String key = alone
                    ? "GITOPS_DIGEST"
                    : "GITOPS_DIGEST_"
                            + service.value().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
            if (digests.size() < MAX_DIGESTS) {
                image.digest().ifPresent(digest -> digests.putIfAbsent(key, digest.toString()));
            }
        });
        return digests;
    }

    private static String value(String line) {
        return line.length() <= MAX_VALUE ? line : line.substring(0, MAX_VALUE);
    }
}
