package dev.gitopsexecutor.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;

/** world.json: every address, port, file and credential of a running testbed, for whoever drives it from outside. */
final class WorldFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Testbed testbed;

    WorldFile(Testbed testbed) {
        this.testbed = testbed;
    }

    /**
     * Appears in one step, so that its existence says that the testbed is ready.
     *
     * @param control where {@link DemoControl} listens
     */
    void write(Path file, String control) throws IOException {
        ObjectNode world = JSON.createObjectNode();
        world.put("pid", ProcessHandle.current().pid());
        world.put("control", control);
        issuer(world.putObject("issuer"));
        gitLab(world.putObject("gitlab"));
        vault(world.putObject("vault"));
        registry(world.putObject("registry"));
        for (TargetHost host : testbed.hosts()) {
            host(world.withArray("hosts").addObject(), host);
        }
        world.put("ssh_key", testbed.sshKey().toString());
        world.put("network", testbed.networkName());
        world.putObject("images")
                .put("job", Images.JOB)
                .put("helper", Images.HELPER)
                .put("app", Images.APP);
        for (String name : List.of("staging", "production", "fleet")) {
            environment(world.withObject("/environments").putObject(name), testbed.environment(name));
        }
        Configuration configuration = testbed.environment("staging").configuration();
        world.put("executor_yaml", configuration.executorYaml().toString());
        world.put("policy", configuration.policyYaml().toString());
        world.put("state_dir", configuration.stateDirectory().toString());
        world.put("launcher", Checkout.launcher().toString());
        save(file, world);
    }

    private static void save(Path file, ObjectNode world) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(part, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(world) + "\n");
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void issuer(ObjectNode node) {
        RSAKey key = testbed.gitLab().keys().current();
        node.put("url", testbed.gitLab().url());
        node.put("jwks_url", testbed.gitLab().jwksUrl());
        node.put("audience", Configuration.AUDIENCE);
        node.put("kid", key.getKeyID());
        node.put("signing_jwk", key.toJSONString());
        node.put("signing_key_pem", pem(key));
    }

    private static String pem(RSAKey key) {
        try {
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(key.toPrivateKey().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (JOSEException impossible) {
            throw new TestbedException("signing key", impossible);
        }
    }

    private void gitLab(ObjectNode node) {
        node.put("url", testbed.gitLab().url());
        node.put("project_id", ShopRepository.PROJECT_ID);
        node.put("project_path", ShopRepository.PATH);
        node.put("repository_url", testbed.gitLab().repositoryUrl(ShopRepository.PATH, "any-job-token"));
        node.put("repository_directory", testbed.repository().directory().toString());
    }

    private void vault(ObjectNode node) {
        node.put("address", testbed.vault().address());
        node.put("root_token", testbed.vault().rootToken());
        node.put("auth_mount", VaultServer.AUTH_MOUNT);
        node.put("kv_mount", VaultServer.KV_MOUNT);
    }

    private void registry(ObjectNode node) {
        node.put("address", Registry.ADDRESS);
        node.put("loopback_address", testbed.registry().loopbackAddress());
        node.put("repository", ShopFiles.IMAGE);
        node.put("username", testbed.registry().username());
        node.put("password", testbed.registry().password());
    }

    private static void host(ObjectNode node, TargetHost host) {
        node.put("name", host.name());
        node.put("address", host.address());
        node.put("port", TargetHost.SSH_PORT);
        node.put("user", host.user());
        node.put("host_key", host.hostKey());
        node.put("container", host.containerId());
    }

    private static void environment(ObjectNode node, DeployEnvironment environment) {
        node.put("tier", environment.tier());
        node.put("branch", environment.branch());
        node.put("directory", environment.directory());
        node.put("compose_project", environment.project());
        node.put("port", environment.port());
        node.put("vault_role", environment.vaultRole());
        node.put("secret_path", environment.secretPath());
        environment.hosts().forEach(host -> node.withArray("hosts").add(host.name()));
    }
}
