package dev.gitopsexecutor.ledger;

import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ProjectName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One deployment for the ledger; of secrets it holds names and versions alone.
 *
 * @param release id of the release directory on the hosts
 * @param images by service, with tag and digest
 * @param secrets by the path in Vault, the version that was read
 * @param variables names in the env file; empty when an older program recorded it
 * @param outcome {@link DeployOutcome#word}, {@link #BEGUN} or {@link #NOTHING_CHANGED}
 * @param kind why it came
 */
public record DeploymentRecord(
        Origin origin,
        ProjectName project,
        EnvironmentName environment,
        String release,
        Map<String, String> images,
        List<HostName> hosts,
        Map<String, Long> secrets,
        Optional<Set<EnvKey>> variables,
        Instant started,
        Instant finished,
        String outcome,
        boolean verified,
        Kind kind) {

    /** Why a release comes to hosts. */
    public enum Kind {
        /** Of a commit or with another value of a secret, for the first time. */
        DEPLOY,
        /** It was verified there before, and somebody wants it back. */
        ROLLBACK
    }

    /** It had not ended when it was recorded; when it still says so, its executor died. */
    public static final String BEGUN = "begun";

    /** The same, of one that only gives a secret another value. */
    public static final String ROTATION_BEGUN = "rotation_begun";

    /** The new value of a secret did not become a deployment; that says nothing of the images. */
    public static final String ROTATION_FAILED = "rotation_failed";

    /** It failed before its first change. */
    public static final String NOTHING_CHANGED = "nothing_changed";

    public DeploymentRecord {
        images = Map.copyOf(images);
        hosts = List.copyOf(hosts);
        secrets = Map.copyOf(secrets);
        variables = variables.map(Set::copyOf);
    }
}
