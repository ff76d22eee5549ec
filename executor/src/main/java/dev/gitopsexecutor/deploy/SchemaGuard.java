package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostName;
import java.util.Map;
import java.util.stream.Collectors;

/** Keeps releases away from a database that a newer one has migrated beyond them. */
final class SchemaGuard {
    private SchemaGuard() {}

    /** Throws {@code SCHEMA_TOO_OLD} with every host on which {@code release} would not run. */
    static void require(ReleaseRecord release, Map<HostName, HostState> states) {
        String refused = states.entrySet().stream()
                .filter(entry -> !entry.getValue().schema().allows(release.schema()))
                .map(entry -> "%s: %s"
                        .formatted(entry.getKey(), entry.getValue().schema().refusal(release.schema())))
                .collect(Collectors.joining("\n"));
        if (!refused.isEmpty()) {
            throw new ExecutorException(new Failure(
                    FailureCode.SCHEMA_TOO_OLD,
                    "activate commit %s".formatted(release.origin().sha().abbreviated()),
                    "%s in %s".formatted(release.project(), release.environment()),
                    refused + "\nnothing was changed",
                    "Deploy a release of a newer schema. Or restore the database from before its migration, then remove"
                            + " .gitops/schema.json on each host and do this again."));
        }
    }
}
