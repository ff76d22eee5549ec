package dev.gitopsexecutor.testbed;

import java.io.IOException;
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

    public DeployEnvironment create() throws IOException {
        EnvironmentSpec spec = new EnvironmentSpec(name, tier, hosts, branch, "/opt/" + name, port, name);
        testbed.makeReady(spec);
        return new DeployEnvironment(
                testbed,
                spec,
                Configuration.write(testbed.scratch("environments/" + name), testbed.machine(), List.of(spec)),
                List.of(spec));
    }
}
