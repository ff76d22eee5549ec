package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Describes an environment for one test; cheap: one Vault role, one secret, a directory, two files. */
public final class EnvironmentBuilder {
    private final Testbed testbed;
    private final String name;
    private final int port;
    private String tier = "staging";
    private String branch = "develop";
    private List<TargetHost> hosts;
    private List<String> rules = List.of();
    private boolean confirmed;
    private boolean hostCa;
    private boolean ownIdentity;
    private String vaultRules = "";
    private String sshRule = "";
    private String jobImage = Images.JOB;

    EnvironmentBuilder(Testbed testbed, String name, int port) {
        this.testbed = testbed;
        this.name = name;
        this.port = port;
        this.hosts = List.of(testbed.hosts().getFirst());
    }

    /** The first host when not said. */
    public EnvironmentBuilder on(String... names) {
        hosts = Arrays.stream(names).map(testbed::host).toList();
        return this;
    }

    /** Staging when not said. */
    public EnvironmentBuilder tier(String value) {
        tier = value;
        return this;
    }

    /** The only branch that may deploy; develop when not said. */
    public EnvironmentBuilder branch(String value) {
        branch = value;
        return this;
    }

    /** Further lines of the environment's rule in policy.yaml. */
    public EnvironmentBuilder rules(String... lines) {
        rules = List.of(lines);
        return this;
    }

    /** The one entry of {@code job_images}. */
    public EnvironmentBuilder jobImage(String value) {
        jobImage = value;
        return this;
    }

    /** GitLab is asked about each job. */
    public EnvironmentBuilder confirmed() {
        confirmed = true;
        return this;
    }

    /** The policy knows each host by its authority, not by its key. */
    public EnvironmentBuilder withHostCa() {
        hostCa = true;
        return this;
    }

    /** The executor is somebody in Vault, apart from its jobs. */
    public EnvironmentBuilder withOwnIdentity() {
        ownIdentity = true;
        return this;
    }

    /** Further entries of the environment's {@code vault}, as in a YAML map in braces. */
    public EnvironmentBuilder vaultRules(String entries) {
        vaultRules = entries + ", ";
        return this;
    }

    /** What stands in the place of {@code ssh_key_file}. */
    public EnvironmentBuilder sshRule(String line) {
        sshRule = line;
        return this;
    }

    public DeployEnvironment create() throws IOException {
        EnvironmentSpec spec = new EnvironmentSpec(name, tier, hosts, branch, "/opt/" + name, port, name);
        if (!rules.isEmpty()) {
            spec = spec.withRules(rules.toArray(String[]::new));
        }
        testbed.makeReady(spec);
        Path directory = testbed.scratch("environments/" + name);
        Configuration configuration = confirmed
                ? Configuration.writeConfirmed(directory, testbed.machine(), List.of(spec))
                : Configuration.write(directory, testbed.machine(), List.of(spec));
        String policy = Files.readString(configuration.policyYaml());
        if (hostCa) {
            for (TargetHost host : hosts) {
                policy = policy.replace("host_key: " + host.hostKey(), "host_ca: " + host.hostCa());
            }
        }
        if (!sshRule.isEmpty()) {
            policy = policy.replace("ssh_key_file: " + testbed.sshKey(), sshRule);
        }
        if (ownIdentity) {
            configuration.addOwnIdentity(testbed.vault());
        }
        policy = policy.replace("vault: {role:", "vault: {%srole:".formatted(vaultRules));
        configuration.writePolicy(
                policy.replace("job_images: [%s]".formatted(Images.JOB), "job_images: [\"%s\"]".formatted(jobImage)));
        return new DeployEnvironment(testbed, spec, configuration, List.of(spec));
    }

    /** A production on the last of the testbed's hosts, and a staging before it on the builder's own. */
    public Promotion createPromotion() throws IOException {
        EnvironmentSpec below =
                new EnvironmentSpec(name + "-staging", "staging", hosts, "develop", "/opt/" + name + "-s", port, name);
        EnvironmentSpec above = new EnvironmentSpec(
                name, "production", List.of(testbed.hosts().getLast()), "main", "/opt/" + name, port, name);
        testbed.makeReady(below);
        testbed.makeReady(above);
        return testbed.promotion("environments/" + name, below, above, rules);
    }
}
