package dev.gitopsexecutor.sandbox;

import static dev.gitopsexecutor.sandbox.RealSandbox.JOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.Role;
import dev.gitopsexecutor.sandbox.Control.Verdict;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job's services on a real engine. */
@Timeout(120)
class ServicesIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private RealSandbox real;
    private ImageRef image;

    @BeforeEach
    void build() {
        real = new RealSandbox();
        image = real.build("""
                FROM gitops-executor/app:1
                ENV GREETING=image
                EXPOSE 8080 9999/udp
                VOLUME /data
                ENTRYPOINT ["/bin/sh", "-c"]
                CMD ["echo $GREETING > /data/index.html && echo serving && exec /bin/httpd -f -p 8080 -h /data"]
                """);
    }

    @AfterEach
    void remove() {
        if (real != null) {
            real.close();
        }
    }

    @Test
    void scriptFindsThemByTheirNamesAndTheyGetTheirOwnVariablesAlone() {
        start(
                service(List.of("web", "gitops-executor-test"), List.of(), Map.of("GREETING", "a 'b' $c")),
                new SandboxSpec.Service(
                        new SandboxSpec.Image(RealSandbox.JOB_IMAGE, Optional.empty()),
                        List.of("idle"),
                        List.of("sleep"),
                        List.of("300"),
                        Map.of()));

        assertThat(script("curl -sS http://web:8080/ http://gitops-executor-test:8080/"))
                .isEqualTo("a 'b' $c\na 'b' $c\n");
        assertThat(real.log())
                .contains("service " + image + " listens at web:8080, gitops-executor-test:8080")
                .contains("runs at idle");
        assertThat(script("exec 3<>/dev/tcp/idle/22 || echo closed")).isEqualTo("closed\n");
    }

    @Test
    void lockedDownAsTheScriptIs() {
        start(service(List.of("web"), List.of(), Map.of()));

        List<Control.Seen> found = real.look(real.names(JOB).service(0), Confinement.SERVICE_USER);

        // It has neither a home nor the job's workspace.
        EnumSet<Control> others = EnumSet.of(Control.TEMPORARY, Control.WORKSPACE, Control.DISK);
        assertThat(found)
                .filteredOn(seen -> seen.verdict() == Verdict.FAILED)
                .extracting(Control.Seen::control)
                .isSubsetOf(others);
    }

    @Test
    void scriptCannotEndThemNorReadWhatTheyHold() {
        start(service(List.of("web"), List.of(), Map.of("GREETING", "hello")));

        String found = script("""
                for process in /proc/[0-9]*; do
                  read -r name < "$process/comm"
                  if [ "$name" = httpd ]; then
                    kill -KILL "${process#/proc/}" 2>/dev/null && echo killed
                    cat "$process/environ" "$process/root/data/index.html" 2>/dev/null && echo read
                    echo seen
                  fi
                done
                """);

        assertThat(found).isEqualTo("seen\n");
        assertThat(real.run(Role.JOB, "kill -KILL -1").code()).isNotZero();
        assertThat(script("curl -sS http://web:8080/")).isEqualTo("hello\n");
    }

    @Test
    void oneThatEndsIsAWarningWithWhatItSaid() {
        start(service(List.of("web"), List.of("echo \"no such $GREETING\" >&2; exit 3"), Map.of("GREETING", "data")));

        assertThat(real.log())
                .contains("Service " + image + " does not listen at web:8080. The last it said:")
                .contains("no such data");
        assertThat(script("echo still")).isEqualTo("still\n");
    }

    @Test
    void oneThatCannotBeStartedIsTheJobsFaultAndLeavesNothing() {
        SandboxSpec.Service wrong = new SandboxSpec.Service(
                new SandboxSpec.Image(image, Optional.empty()),
                List.of("web"),
                List.of("/no/such/program"),
                List.of(),
                Map.of());

        assertThatThrownBy(() -> start(wrong)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.SERVICE_FAILED);
            assertThat(failed.failure().saw()).contains("/no/such/program");
        });
        assertThat(real.remains()).isEmpty();
    }

    @Test
    void allGoWithTheJobContainer() {
        start(service(List.of("web"), List.of(), Map.of()));
        Execs execs = new Execs(new EngineSocket(RealSandbox.SOCKET));
        execs.kill(real.container(Role.JOB));

        assertThat(execs.containerEnds("wait", real.names(JOB).service(0), LIMIT))
                .isTrue();
        real.sandbox.remove(JOB);
        assertThat(real.remains()).isEmpty();
    }

    private void start(SandboxSpec.Service... services) {
        real.start(RealSandbox.spec(List.of(services), List.of()));
    }

    private SandboxSpec.Service service(List<String> aliases, List<String> command, Map<String, String> variables) {
        return new SandboxSpec.Service(
                new SandboxSpec.Image(image, Optional.empty()), aliases, List.of(), command, variables);
    }

    private String script(String text) {
        RealSandbox.Result result = real.run(Role.JOB, text + "\n");
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }
}
