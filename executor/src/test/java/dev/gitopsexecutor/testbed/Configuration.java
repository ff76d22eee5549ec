package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;

/** One set of the executor's own files: executor.yaml, policy.yaml and a state directory. */
public record Configuration(Path executorYaml, Path policyYaml, Path stateDirectory) {
    static final String AUDIENCE = "gitops-executor";
    static final String REGISTRY_CREDENTIALS = "shop/registry";

    /** What the files say of the machine, the same in all of a testbed's configurations. */
    record Machine(String gitLabUrl, String vaultAddress, Path engine, String network, Path sshKey) {}

    static Configuration write(Path directory, Machine machine, List<EnvironmentSpec> environments) throws IOException {
        return write(directory, machine, environments, "");
    }

    /** One by which GitLab is asked about each job. */
    static Configuration writeConfirmed(Path directory, Machine machine, List<EnvironmentSpec> environments)
            throws IOException {
        Path token = directory.resolve("gitlab-token");
        Configuration configuration = write(
                directory, machine, environments, "  confirm_jobs: true\n  api_token_file: %s\n".formatted(token));
        configuration.writePrivate(token, GitLab.ACCESS_TOKEN + "\n");
        return configuration;
    }

    private static Configuration write(
            Path directory, Machine machine, List<EnvironmentSpec> environments, String gitLabLines)
            throws IOException {
        Configuration configuration = new Configuration(
                directory.resolve("executor.yaml"), directory.resolve("policy.yaml"), directory.resolve("state"));
        configuration.writePrivate(configuration.executorYaml, configuration.executorText(machine, gitLabLines));
        configuration.writePolicy(policyText(machine, environments));
        return configuration;
    }

    /** Replaces the policy, for a test that needs another one. */
    public void writePolicy(String text) throws IOException {
        writePrivate(policyYaml, text);
    }

    /** From now on the policy lets nobody deploy anywhere, for a freeze that never ends. */
    public void freeze() throws IOException {
        writePolicy(Files.readString(policyYaml)
                .replace(
                        "    directory: ",
                        "    freezes: {always: {from: \"2020-01-01 00:00\", until: \"2099-01-01 00:00\"}}\n"
                                + "    directory: "));
    }

    /** Lets the executor be somebody in Vault, apart from its jobs. */
    void addOwnIdentity(VaultServer vault) throws IOException {
        Path secretId = executorYaml.resolveSibling("vault-secret-id");
        writePrivate(secretId, vault.newSecretId() + "\n");
        String address = "  address: %s\n".formatted(vault.address());
        writePrivate(
                executorYaml,
                Files.readString(executorYaml).replace(address, address + """
                          own_identity:
                            role_id: %s
                            secret_id_file: %s
                        """.formatted(vault.roleId(), secretId)));
    }

    private void writePrivate(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private String executorText(Machine machine, String gitLabLines) {
        return """
                version: 1
                gitlab:
                  url: %s
                  audience: %s
                  runner_ids: [%d]
                %sdocker:
                  socket: %s
                  helper_image: %s
                  helper_network: %s
                  egress_image: %s
                  egress_network: %s
                vault:
                  address: %s
                policy_file: %s
                state_dir: %s
                """.formatted(
                        machine.gitLabUrl,
                        AUDIENCE,
                        IdToken.RUNNER_ID,
                        gitLabLines,
                        machine.engine,
                        Images.HELPER,
                        machine.network,
                        Images.JOB,
                        machine.network,
                        machine.vaultAddress,
                        policyYaml,
                        stateDirectory);
    }

    private static String policyText(Machine machine, List<EnvironmentSpec> environments) {
        StringBuilder text = new StringBuilder("version: 1\nenvironments:\n");
        for (EnvironmentSpec environment : environments) {
            text.append("""
                      %s:
                        tier: %s
                    %s    projects: [%d]
                        refs: [refs/heads/%s]
                        job_images: [%s]
                        images: [%s]
                        hosts:
                    """.formatted(
                    environment.name(),
                    environment.tier(),
                    environment.rules().stream().map("    %s\n"::formatted).collect(Collectors.joining()),
                    ShopRepository.PROJECT_ID,
                    environment.branch(),
                    Images.JOB,
                    ShopFiles.IMAGE));
            for (TargetHost host : environment.hosts()) {
                text.append("""
                              %s: {address: %s, user: %s, host_key: %s}
                        """.formatted(host.name(), host.address(), host.user(), host.hostKey()));
            }
            text.append("""
                        ssh_key_file: %s
                        directory: %s
                        vault: {role: %s, paths: [%s]}
                        registry: {address: "%s", credentials: %s}
                    """.formatted(
                            machine.sshKey,
                            environment.directory(),
                            environment.role(),
                            environment.secretPath(),
                            Registry.ADDRESS,
                            REGISTRY_CREDENTIALS));
        }
        return text.toString();
    }
}
