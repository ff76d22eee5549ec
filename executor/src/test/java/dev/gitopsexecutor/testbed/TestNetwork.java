package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Network.Ipam;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.testcontainers.containers.Network;

/** The Docker network of one testbed. Its parts have fixed addresses, which survive a restart and a cut. */
final class TestNetwork implements Network {
    private final DockerClient docker;
    private final String id;
    private final String name;
    private final Subnet subnet;

    private TestNetwork(DockerClient docker, String id, String name, Subnet subnet) {
        this.docker = docker;
        this.id = id;
        this.name = name;
        this.subnet = subnet;
    }

    /** Fixed addresses need a subnet that is given, so the engine is first asked for one that is free. */
    static TestNetwork create(DockerClient docker, Owner owner) {
        String name = "gitops-testbed-" + owner.pid();
        for (int attempt = 1; ; attempt++) {
            String probe = docker.createNetworkCmd()
                    .withName(name + "-probe")
                    .withLabels(owner.label())
                    .exec()
                    .getId();
            Subnet subnet = Subnet.parse(docker.inspectNetworkCmd()
                    .withNetworkId(probe)
                    .exec()
                    .getIpam()
                    .getConfig()
                    .getFirst()
                    .getSubnet());
            docker.removeNetworkCmd(probe).exec();
            try {
                return new TestNetwork(docker, create(docker, owner, name, subnet), name, subnet);
            } catch (DockerException taken) {
                if (attempt == 5) {
                    throw taken;
                }
            }
        }
    }

    private static String create(DockerClient docker, Owner owner, String name, Subnet subnet) {
        return docker.createNetworkCmd()
                .withName(name)
                .withLabels(owner.label())
                .withIpam(new Ipam()
                        .withConfig(new Ipam.Config()
                                .withSubnet(subnet.toString())
                                .withGateway(subnet.address(1))
                                .withIpRange(subnet.upperHalf().toString())))
                .exec()
                .getId();
    }

    @Override
    public String getId() {
        return id;
    }

    String name() {
        return name;
    }

    /** Where containers on this network reach the machine itself. */
    String gateway() {
        return subnet.address(1);
    }

    /** The fixed address with this number; what the engine hands out by itself comes from the upper half. */
    String address(int number) {
        return subnet.address(number);
    }

    void connect(String container) {
        docker.connectToNetworkCmd()
                .withNetworkId(id)
                .withContainerId(container)
                .exec();
    }

    @Override
    public void close() {
        docker.removeNetworkCmd(id).exec();
    }

    private record Subnet(int base, int bits) {
        static Subnet parse(String text) {
            int slash = text.indexOf('/');
            byte[] address = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
            return new Subnet(ByteBuffer.wrap(address).getInt(), Integer.parseInt(text.substring(slash + 1)));
        }

        Subnet upperHalf() {
            return new Subnet(base | 1 << (31 - bits), bits + 1);
        }

        String address(int number) {
            return text(base + number);
        }

        private static String text(int address) {
            return "%d.%d.%d.%d".formatted(address >>> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
        }

        @Override
        public String toString() {
            return text(base) + "/" + bits;
        }
    }
}
