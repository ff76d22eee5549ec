package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a script finds on loopback, and where each listener leads. */
class EgressProxyTest {
    private static final List<Endpoint> EGRESS =
            List.of(new Endpoint("a.test", 443), new Endpoint("b.test", 22), new Endpoint("a.test", 80));

    private static final SandboxSpec SPEC = RealSandbox.spec(
            List.of(new SandboxSpec.Service(
                    new SandboxSpec.Image(RealSandbox.JOB_IMAGE, Optional.empty()),
                    List.of("db", "b.test"),
                    List.of(),
                    List.of(),
                    Map.of())),
            EGRESS);

    @Test
    void everyHostHasOneAddressAndNoServiceTakesIt() {
        assertThat(Loopback.of(SPEC).hosts()).containsExactly("a.test:127.0.0.2", "b.test:127.0.0.3", "db:127.0.0.1");
    }

    @Test
    void everyEndpointHasOneListenerOnEitherSide() {
        assertThat(EgressProxy.inside(EGRESS, Loopback.of(SPEC)))
                .contains("bind 127.0.0.2:443\n  server outside unix@/egress/0.sock\n")
                .contains("bind 127.0.0.3:22\n  server outside unix@/egress/1.sock\n")
                .contains("bind 127.0.0.2:80\n  server outside unix@/egress/2.sock\n");
        assertThat(EgressProxy.outside(EGRESS).split("listen ", -1)[2])
                .startsWith("to1\n  bind unix@/egress/1.sock mode 600\n")
                .contains("str(b.test)", "set-dst-port int(22)")
                .doesNotContain("a.test");
    }

    @Test
    void readsWhoListensFromTheKernelsTable() {
        ListeningSockets sockets = ListeningSockets.parse("""
                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                   0: 0200007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65532        0 22310175 1
                   1: 0100007F:1F90 0100007F:BAC4 01 00000000:00000000 00:00000000 00000000 65532        0 22310176 1
                  sl  local_address                         remote_address                        st tx_queue
                   0: 00000000000000000000000000000000:1538 00000000000000000000000000000000:0000 0A 00000000:00000000
                """);

        assertThat(sockets.has("127.0.0.2", 80)).isTrue();
        assertThat(sockets.has("127.0.0.3", 80)).isFalse();
        assertThat(sockets.has(80)).isTrue();
        assertThat(sockets.has(5432)).isTrue();
        assertThat(sockets.has(8080)).as("it is connected, and nobody listens").isFalse();
    }
}
