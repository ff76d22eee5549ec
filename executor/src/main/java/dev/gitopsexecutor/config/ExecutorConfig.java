package dev.gitopsexecutor.config;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.ApiSettings;
import dev.gitopsexecutor.identity.IssuerSettings;
import dev.gitopsexecutor.model.NotifierName;
import dev.gitopsexecutor.notify.NotifierSettings;
import dev.gitopsexecutor.secrets.VaultSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code executor.yaml}: what the platform team says of this machine.
 *
 * @param gitlab the only GitLab this executor believes
 * @param tokenVariable the name under {@code id_tokens} in the job's YAML
 * @param api how GitLab itself confirms a job; it is not asked when empty
 * @param notifiers by which policy.yaml lets people be told
 * @param hash of the file itself
 */
public record ExecutorConfig(
        IssuerSettings issuer,
        URI gitlab,
        String tokenVariable,
        Optional<ApiSettings> api,
        DockerConfig docker,
        VaultSettings vault,
        Path policyFile,
        Path stateDir,
        SortedMap<NotifierName, NotifierSettings> notifiers,
        FileHash hash) {

    public ExecutorConfig {
        notifiers = Collections.unmodifiableSortedMap(new TreeMap<>(notifiers));
    }

    /** Fails with every problem of the file at once, and when others than its owner could have written it. */
    public static ExecutorConfig read(Path file) {
        return parse(SafeFile.read(file), file.toString());
    }

    /** Where {@code file} says that the policy is, whatever else is wrong with it; empty when it does not say. */
    public static Optional<Path> policyFile(Path file) {
        try {
            return Yaml.read(SafeFile.read(file), new Problems(FailureCode.CONFIG_INVALID, file.toString()))
                    .flatMap(ExecutorConfigReader::policyFile);
        } catch (ExecutorException unreadable) {
            return Optional.empty();
        }
    }

    static ExecutorConfig parse(byte[] content, String shownPath) {
        Problems problems = new Problems(FailureCode.CONFIG_INVALID, shownPath);
        return Yaml.read(content, problems)
                .flatMap(root -> ExecutorConfigReader.read(root, new FileHash(content)))
                .orElseThrow(problems::failure);
    }
}
