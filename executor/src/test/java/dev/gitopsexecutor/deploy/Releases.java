package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Release records for tests, told apart by a number. */
final class Releases {
    static final ServiceName APP = new ServiceName("app");

    private Releases() {}

    static ReleaseId id(int number) {
        return new ReleaseId("20260101t00000%d-1-%d-aaaaaaaa".formatted(number, number));
    }

    static ImageRef image(int number) {
        return ImageRef.parse("registry.test/shop/app:v%d@sha256:%s"
                .formatted(number, Integer.toString(number).repeat(64)));
    }

    /** Of a release that is asked for its health and version on each host alone. */
    static CheckSpec checks(String healthUrl, Duration deadline) {
        return new CheckSpec(
                URI.create(healthUrl),
                deadline,
                Optional.of(new VersionSpec("/version", APP, true)),
                Optional.empty(),
                List.of(),
                CheckSpec.STABILITY);
    }

    static CheckSpec stable(CheckSpec checks, Duration stability) {
        return new CheckSpec(
                checks.healthUrl(), checks.deadline(), checks.version(), checks.publicUrl(), checks.smoke(), stability);
    }

    static CheckSpec withoutVersion(CheckSpec checks) {
        return new CheckSpec(
                checks.healthUrl(),
                checks.deadline(),
                Optional.empty(),
                checks.publicUrl(),
                checks.smoke(),
                checks.stability());
    }

    static ReleaseRecord unverified(int number) {
        return new ReleaseRecord(
                id(number),
                new EnvironmentName("staging"),
                new ProjectName("shop"),
                new Origin(
                        new JobId(number),
                        1,
                        new ProjectId(22),
                        "acme/shop",
                        new CommitSha("a".repeat(40)),
                        42,
                        "dev1"),
                new ReleaseContent(
                        new TreeMap<>(Map.of(APP, image(number))),
                        checks("http://127.0.0.1:8080/health", Duration.ofSeconds(60)),
                        new TreeMap<>(Map.of("shop/staging", 3L)),
                        new TreeMap<>(),
                        SchemaSpec.NONE,
                        new Workload(new TreeSet<>(), new TreeMap<>()),
                        Optional.of(ShippedFiles.NONE.hash())),
                Optional.empty(),
                Instant.parse("2026-01-01T00:00:00Z"),
                Optional.empty());
    }

    static ReleaseRecord verified(int number) {
        return unverified(number).verifiedAt(Instant.parse("2026-01-01T00:01:00Z"));
    }

    static ReleaseRecord with(ReleaseRecord record, ReleaseContent content) {
        return new ReleaseRecord(
                record.id(),
                record.environment(),
                record.project(),
                record.origin(),
                content,
                record.broughtBack(),
                record.created(),
                record.verified());
    }
}
