package dev.gitopsexecutor.job;

import dev.gitopsexecutor.deploy.RunningRelease;
import dev.gitopsexecutor.ledger.DeployedSecret;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretHashKey;
import dev.gitopsexecutor.secrets.SecretValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What runs with a secret, by the ledger.
 *
 * @param deployment the last verified one of the environment
 * @param all secrets that it has
 * @param variables of the env file that have this one
 */
record SecretUse(DeploymentRecord deployment, List<DeployedSecret> all, List<EnvKey> variables) {
    private static final int RECENT = 100;

    /** Empty when nothing that this machine deployed there has the secret. */
    static Optional<SecretUse> find(Ledger ledger, EnvironmentName environment, SecretField field) {
        Optional<DeploymentRecord> last = ledger.recent(environment, RECENT).stream()
                .filter(DeploymentRecord::verified)
                .findFirst();
        List<DeployedSecret> all = ledger.deployedSecrets().stream()
                .filter(known -> known.environment().equals(environment))
                .filter(known -> last.filter(
                                deployment -> deployment.origin().project().equals(known.project()))
                        .isPresent())
                .toList();
        List<EnvKey> variables = all.stream()
                .filter(known -> known.secret().field().equals(field))
                .map(DeployedSecret::variable)
                .toList();
        return last.filter(_ -> !variables.isEmpty()).map(deployment -> new SecretUse(deployment, all, variables));
    }

    /** Whether the hosts run what the ledger knows, images and secrets: then it is known which variables are which. */
    boolean isOf(RunningRelease running, SecretHashKey key) {
        Map<String, String> images = new TreeMap<>();
        running.version().images().forEach((service, image) -> images.put(service.value(), image.toString()));
        return images.equals(deployment.images())
                && all.stream().allMatch(known -> {
                    SecretValue value = running.variables().get(known.variable());
                    return value != null
                            && key.hash(known.secret().field().toString(), value)
                                    .equals(known.secret().hash());
                });
    }

    void hideIn(Masker masker, RunningRelease running) {
        all.forEach(known ->
                Optional.ofNullable(running.variables().get(known.variable())).ifPresent(masker::add));
    }

    /** Whether its variables have that value. */
    boolean has(SecretValue value, RunningRelease running) {
        return running.variables().entrySet().stream()
                .filter(entry -> variables.contains(entry.getKey()))
                .allMatch(entry -> entry.getValue().equals(value));
    }

    /**
     * What the environment has once this secret is another.
     *
     * @param before the version of the same path that the others were in; they are in the new one too, as they were
     */
    SortedMap<EnvKey, SecretSighting> with(SecretSighting replaced, long before) {
        SortedMap<EnvKey, SecretSighting> sightings = new TreeMap<>();
        all.forEach(known -> {
            SecretSighting secret = known.secret();
            boolean moved = secret.field().mount().equals(replaced.field().mount())
                    && secret.field().path().equals(replaced.field().path())
                    && secret.version()
                            .filter(version -> version.number() == before)
                            .isPresent();
            sightings.put(
                    known.variable(),
                    moved ? new SecretSighting(secret.field(), secret.hash(), replaced.version()) : secret);
        });
        variables.forEach(variable -> sightings.put(variable, replaced));
        return sightings;
    }
}
