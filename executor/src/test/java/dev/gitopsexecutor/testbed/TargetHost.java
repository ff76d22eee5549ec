package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.testcontainers.containers.wait.strategy.Wait;

/** A host that releases run on: a container with its own sshd, engine and Compose, and the login user {@code deploy}. */
public final class TargetHost {
    public static final String USER = "deploy";
    public static final int SSH_PORT = 22;
    private static final String HOST_KEY = "/etc/ssh/ssh_host_ed25519_key";
    private static final String HOST_CA = "/etc/ssh/testbed_ca";

    private final String name;
    private final String address;
    private final TestNetwork network;
    private final TestContainer container;

    private TargetHost(String name, String address, TestNetwork network, TestContainer container) {
        this.name = name;
        this.address = address;
        this.network = network;
        this.container = container;
    }

    static TargetHost prepare(TestNetwork network, Owner owner, HostRights rights, int number) {
        String name = "web-" + number;
        String address = network.address(10 + number);
        TestContainer container = new TestContainer(network, owner, address, config -> {
            rights.give(config);
            config.withTmpFs(Map.of("/run", "exec,mode=755"))
                    .withMounts(List.of(new Mount().withType(MountType.VOLUME).withTarget("/var/lib/docker")));
        });
        container
                .withNetworkAliases(name)
                .waitingFor(Wait.forLogMessage(".*API listen on /var/run/docker.sock.*", 1))
                .withStartupTimeout(Duration.ofSeconds(60));
        return new TargetHost(name, address, network, container);
    }

    /** Blocks until sshd and engine answer. */
    void start(String authorizedKey) {
        container.start();
        run("sh", "-c", "printf '%s\\n' \"$0\" > /home/deploy/.ssh/authorized_keys", authorizedKey);
        certify();
    }

    /** Lets in whom that authority certifies from now on, the only one; a public key as in a {@code .pub} file. */
    public void trustUsersOf(String authority) {
        run("sh", "-c", "printf '%s\\n' \"$0\" >/etc/ssh/user-ca.pub", authority);
    }

    /** Before anybody connects: sshd is not there for a moment while it reads its configuration again. */
    private void certify() {
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", HOST_CA);
        run("cp", HOST_KEY + ".pub", "/etc/ssh/testbed_host.pub");
        run(
                "ssh-keygen",
                "-q",
                "-s",
                HOST_CA,
                "-I",
                name,
                "-h",
                "-n",
                address,
                "-V",
                "-5m:+1d",
                "/etc/ssh/testbed_host.pub");
        run(
                "sh",
                "-c",
                "touch /etc/ssh/user-ca.pub && cd /etc/ssh/sshd_config.d &&"
                        + " echo HostCertificate /etc/ssh/testbed_host-cert.pub >host-ca.conf &&"
                        + " echo TrustedUserCAKeys /etc/ssh/user-ca.pub >user-ca.conf");
        run("pkill", "-HUP", "-o", "sshd");
        Awaitility.await("certificate of " + name)
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> run("ssh-keyscan", "-c", "127.0.0.1").contains("ssh-ed25519-cert-v01@openssh.com"));
    }

    void close() {
        container.close();
    }

    public String name() {
        return name;
    }

    /** Stays the same over {@link #reboot} and {@link #cut}. */
    public String address() {
        return address;
    }

    public String user() {
        return USER;
    }

    /** Type and key, as in policy.yaml. */
    public String hostKey() {
        return publicKey(HOST_KEY);
    }

    /** Of the authority that certified the first {@link #hostKey} for {@link #address}, as in policy.yaml. */
    public String hostCa() {
        return publicKey(HOST_CA);
    }

    private String publicKey(String file) {
        return String.join(
                " ", List.of(run("cat", file + ".pub").split(" ", -1)).subList(0, 2));
    }

    /** A new host key, as after a reinstallation or with somebody in the middle. */
    public void changeHostKey() {
        run("sh", "-c", "rm " + HOST_KEY + "*; ssh-keygen -A && pkill -HUP -o sshd");
    }

    /**
     * As root, to its end.
     *
     * @return stdout
     * @throws TestbedException when the exit code is not 0
     */
    public String run(String... words) {
        return container.run(words);
    }

    /** A directory of {@code deploy}, as policy names it. */
    public void makeDirectory(String directory) {
        run("install", "-d", "-m", "0755", "-o", USER, "-g", USER, directory);
    }

    /** Blocks until sshd and engine answer again. */
    public void reboot() {
        docker().restartContainerCmd(containerId()).withTimeout(2).exec();
        Awaitility.await("engine of " + name)
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> container.execInContainer("docker", "info").getExitCode() == 0);
    }

    /** From now on no packet arrives. */
    public void cut() {
        docker().disconnectFromNetworkCmd()
                .withContainerId(containerId())
                .withNetworkId(network.getId())
                .withForce(true)
                .exec();
    }

    /** Ends a {@link #cut}. */
    public void reconnect() {
        docker().connectToNetworkCmd()
                .withContainerId(containerId())
                .withNetworkId(network.getId())
                .withContainerNetwork(new ContainerNetwork()
                        .withAliases(name)
                        .withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address(address)))
                .exec();
    }

    /** Hangs: connections stay, nothing answers. */
    public void pause() {
        docker().pauseContainerCmd(containerId()).exec();
    }

    /** Ends a {@link #pause}. */
    public void resume() {
        docker().unpauseContainerCmd(containerId()).exec();
    }

    /** In this machine's engine. */
    public String containerId() {
        return container.getContainerId();
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }
}
