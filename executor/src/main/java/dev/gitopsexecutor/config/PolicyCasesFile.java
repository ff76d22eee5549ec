package dev.gitopsexecutor.config;

import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.PolicyCase;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a table of cases that the policy's owner keeps beside it. */
public final class PolicyCasesFile {
    private static final Pattern CHECK = Pattern.compile("[a-z][a-z_]{0,63}");
    private static final String COMMIT = "0".repeat(40);

    private PolicyCasesFile() {}

    private enum Expectation {
        ALLOWED,
        DENIED
    }

    /** Fails with every problem of the file at once. */
    public static List<PolicyCase> read(Path file) {
        return parse(ReviewedFile.read(file), file.toString());
    }

    static List<PolicyCase> parse(byte[] content, String shownPath) {
        Problems problems = new Problems(FailureCode.CONFIG_INVALID, shownPath);
        return Yaml.read(content, problems).flatMap(PolicyCasesFile::cases).orElseThrow(problems::failure);
    }

    private static Optional<List<PolicyCase>> cases(YamlMap root) {
        int before = root.problems().count();
        var _ = root.required("version", ExecutorConfigReader.VERSION);
        Map<String, String> shared =
                root.optionalMap("claims", PolicyCasesFile::claims).orElse(Map.of());
        Optional<ImageRef> image = root.optional("job_image", YamlType.text(ImageRef::parse));
        List<PolicyCase> cases = new ArrayList<>();
        var _ = root.requiredMap("cases", map -> {
            if (map.isEmpty()) {
                root.problem("cases", "there is no case; write at least one");
            }
            map.eachMap(
                    name -> name,
                    (name, entry) -> policyCase(name, entry, shared, image).ifPresent(cases::add));
            return Optional.of(map);
        });
        root.end();
        return root.problems().ifNoneSince(before, () -> cases);
    }

    private static Optional<PolicyCase> policyCase(
            String name, YamlMap map, Map<String, String> shared, Optional<ImageRef> sharedImage) {
        int before = map.problems().count();
        Optional<Expectation> expected = map.required("expect", YamlType.oneOf(Expectation.values()));
        List<String> denials = map.optionalList(
                "denied_by", Texts.matching(CHECK, "the name of a check, such as ref_protected"), List.of());
        if (expected.equals(Optional.of(Expectation.DENIED)) && denials.isEmpty()) {
            map.problem("denied_by", "missing; name the checks that must fail: another reason would prove nothing");
        }
        if (expected.equals(Optional.of(Expectation.ALLOWED)) && !denials.isEmpty()) {
            map.problem("denied_by", "contradicts `expect: allowed`; remove one of them");
        }
        Optional<ImageRef> image =
                map.optional("job_image", YamlType.text(ImageRef::parse)).or(() -> sharedImage);
        if (image.isEmpty()) {
            map.problem("job_image", "missing; write it here or at the top of the file");
        }
        Optional<Instant> time = map.optional("at", YamlType.text(PolicyCasesFile::time));
        Optional<String> brokenGlass = map.optional("broken_glass", YamlType.text(text -> text));
        Map<String, String> claims = new HashMap<>(shared);
        claims.putAll(map.optionalMap("claims", PolicyCasesFile::claims).orElse(Map.of()));
        Optional<JobClaims> job = job(map, claims);
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new PolicyCase(
                                name,
                                job.orElseThrow(),
                                image.orElseThrow(),
                                time,
                                brokenGlass,
                                new HashSet<>(denials)));
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException malformed) {
            throw new IllegalArgumentException("write a time in UTC, such as 2026-12-24T09:00:00Z", malformed);
        }
    }

    private static Optional<Map<String, String>> claims(YamlMap map) {
        Map<String, String> claims = new HashMap<>();
        map.eachValue(name -> name, YamlType.AS_WRITTEN, claims::put);
        return Optional.of(claims);
    }

    private static Optional<JobClaims> job(YamlMap map, Map<String, String> written) {
        Map<String, Object> claims = new HashMap<>(ordinary(written));
        claims.putAll(written);
        // GitLab writes every other id as text.
        if (written.getOrDefault("runner_id", "").matches("[0-9]{1,18}")) {
            claims.put("runner_id", Long.parseLong(written.get("runner_id")));
        }
        claims.values().removeIf(""::equals);
        try {
            return Optional.of(JobClaims.assumed(claims));
        } catch (IllegalArgumentException refused) {
            String.valueOf(refused.getMessage()).lines().forEach(line -> map.problem("claims", line));
            return Optional.empty();
        }
    }

    /** What GitLab says of a job of a pushed branch or tag whose YAML is the project's own. */
    private static Map<String, Object> ordinary(Map<String, String> written) {
        String refPath = written.getOrDefault("ref_path", "");
        String path = written.getOrDefault("project_path", "group/project");
        return Map.ofEntries(
                Map.entry("job_id", "1"),
                Map.entry("pipeline_id", "1"),
                Map.entry("runner_id", 1L),
                Map.entry("user_id", "1"),
                Map.entry("user_login", "somebody"),
                Map.entry("namespace_id", "1"),
                Map.entry("project_path", path),
                Map.entry("pipeline_source", "push"),
                Map.entry("ref", refPath.replaceFirst("^refs/[a-z]+/", "")),
                Map.entry("ref_type", refPath.startsWith("refs/tags/") ? "tag" : "branch"),
                Map.entry("sha", COMMIT),
                Map.entry("ci_config_ref_uri", "gitlab/%s//.gitlab-ci.yml@%s".formatted(path, refPath)),
                Map.entry("ci_config_sha", written.getOrDefault("sha", COMMIT)));
    }
}
