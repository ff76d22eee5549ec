package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the application team asks for in {@code .gitops/deploy.yaml}, at one commit.
 *
 * @param composePath relative to the repository's root
 * @param services the services that a deploy touches, each with its image and tag
 * @param checks without the public URL of an environment
 * @param publicPath of the health below an environment's public URL
 * @param schema of the database, as the release leaves it
 * @param jobs those of them that run to their end at each deploy; never all
 * @param files of the repository, or whole directories, that travel with the release; relative to its root, in the
 *     directory of the Compose file or below
 */
public record DeploySpec(
        String composePath,
        ProjectName project,
        SortedMap<ServiceName, ImageRef> services,
        SortedMap<EnvironmentName, EnvironmentSpec> environments,
        CheckSpec checks,
        String publicPath,
        SchemaSpec schema,
        SortedSet<ServiceName> jobs,
        List<String> files) {

    public DeploySpec {
        services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
        environments = Collections.unmodifiableSortedMap(new TreeMap<>(environments));
        jobs = Collections.unmodifiableSortedSet(new TreeSet<>(jobs));
        files = List.copyOf(files);
    }

    /** What the file has for an environment; throws {@code DEPLOY_SPEC_INVALID} when it has nothing. */
    public EnvironmentSpec environment(EnvironmentName name) {
        EnvironmentSpec environment = environments.get(name);
        if (environment == null) {
            throw new ExecutorException(new Failure(
                    FailureCode.DEPLOY_SPEC_INVALID,
                    "find what to deploy",
                    ".gitops/deploy.yaml",
                    "it has no environment \"%s\", only %s".formatted(name, environments.keySet()),
                    "Add `environments: {%s: …}` with the values and secret names of that environment."
                            .formatted(name)));
        }
        return environment;
    }

    /** As a release for that environment is checked. */
    public CheckSpec checks(EnvironmentRule rule) {
        return checks.withPublicUrl(environment(rule.name()).url().map(url -> url.resolve(publicPath)))
                .stableFor(rule.checks().stability());
    }

    /** {@code 1a2b3c4d}, or one for each service when their tags differ. */
    public String tags() {
        return RunningVersion.tags(services);
    }

    /** Of the Compose file, relative to the repository's root: {@code ""}, or with a slash at its end. */
    public String composeDirectory() {
        return directory(composePath);
    }

    /** The same of any path of the repository. */
    public static String directory(String path) {
        return path.substring(0, path.lastIndexOf('/') + 1);
    }
}
