package dev.gitopsexecutor.sandbox;

import static dev.gitopsexecutor.sandbox.RealSandbox.JOB;
import static dev.gitopsexecutor.sandbox.RealSandbox.OTHER_JOB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job's life in its two containers on a real engine. */
@Timeout(120)
class SandboxIT {
    private RealSandbox real;

    @BeforeEach
    void prepare() {
        real = new RealSandbox();
    }

    @AfterEach
    void remove() {
        if (real != null) {
            real.close();
        }
    }

    @Test
    void scriptsExitCodeIsPassedOn() {
        real.start();

        for (int code : List.of(0, 1, 2, 42, 126, 127, 137, 143, 255)) {
            assertThat(real.run(Role.JOB, "exit " + code + "\n").code()).isEqualTo(code);
        }
    }

    @Test
    void scriptThatKillsItselfIsTheScriptsFault() {
        real.start();

        assertThat(real.run(Role.JOB, "kill -9 $$\n").code()).isEqualTo(137);
        assertThat(real.run(Role.JOB, "echo still here\n").out()).isEqualTo("still here\n");
    }

    @Test
    void jobLogSaysWhichImagesRun() {
        real.start();

        assertThat(real.log())
                .containsPattern("job image gitops-executor/job:1 is sha256:[0-9a-f]{64}")
                .containsPattern("helper image gitops-executor/helper:1 is sha256:[0-9a-f]{64}");
    }

    @Test
    void scriptsRunInBashAndBothStreamsStayApart() {
        real.start();

        RealSandbox.Result result = real.run(Role.JOB, "echo \"${BASH_VERSION:+bash}\"; echo no >&2; exit 0\n");

        assertThat(result.out()).isEqualTo("bash\n");
        assertThat(result.err()).isEqualTo("no\n");
    }

    @Test
    void scriptWithoutAnExitEnds() {
        real.start();

        assertThat(real.run(Role.HELPER, "read -r line || echo the end").out()).isEqualTo("the end\n");
    }

    @Test
    void bytesThatAreNoTextPassUnchanged() {
        real.start();

        ByteArrayOutputStream out = new ByteArrayOutputStream();

        real.run(JOB, Role.JOB, "printf '\\377\\000\\302a\\r\\n'; exit 0\n", out, out, new Cancellation());

        assertThat(out.toByteArray()).isEqualTo(new byte[] {(byte) 0xff, 0, (byte) 0xc2, 'a', '\r', '\n'});
    }

    @Test
    void fiftyMegabytesWithoutALineEndPass() {
        real.start();
        AtomicLong count = new AtomicLong();
        AtomicLong largest = new AtomicLong();
        OutputStream counting = new OutputStream() {
            @Override
            public void write(int value) {
                count.incrementAndGet();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                count.addAndGet(length);
                largest.accumulateAndGet(length, Math::max);
            }
        };

        int code = real.run(
                JOB,
                Role.JOB,
                "head -c 50000000 /dev/zero | tr '\\0' x; exit 0\n",
                counting,
                OutputStream.nullOutputStream(),
                new Cancellation());

        assertThat(code).isZero();
        assertThat(count).hasValue(50_000_000);
        assertThat(largest.get()).isLessThanOrEqualTo(32 * 1024);
    }

    @Test
    void whatAScriptLeavesInTheBackgroundEndsWithIt() {
        real.start();

        RealSandbox.Result result = real.run(Role.JOB, "sleep 300 & setsid sleep 301 & exit 5\n");

        assertThat(result.code()).isEqualTo(5);
        assertThat(sleepers(Role.JOB)).isEmpty();
    }

    @Test
    void cancellationEndsTheScriptAndItsChildrenAndKeepsTheContainer() throws Exception {
        real.start();
        Cancellation cancellation = new Cancellation();
        LineWatch out = new LineWatch("started");

        CompletableFuture<Integer> code = inBackground("""
                trap 'echo heard; exit 1' TERM
                setsid sleep 300 >/dev/null 2>&1 &
                sleep 301 &
                echo started
                wait
                """, out, cancellation);
        out.await();
        cancellation.request();

        assertThat(code.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(out.text()).isEqualTo("started\nheard\n");
        assertThat(sleepers(Role.JOB)).isEmpty();
        assertThat(real.run(Role.JOB, "echo after\n").out()).isEqualTo("after\n");
    }

    @Test
    void scriptThatDoesNotHearTermIsKilledAfterTheGrace() throws Exception {
        real.start();
        Cancellation cancellation = new Cancellation();
        LineWatch out = new LineWatch("started");

        CompletableFuture<Integer> code =
                inBackground("trap '' TERM\necho started\nwhile :; do sleep 1; done\n", out, cancellation);
        out.await();
        cancellation.request();

        assertThat(code.get(20, TimeUnit.SECONDS)).isNotZero();
        assertThat(sleepers(Role.JOB)).isEmpty();
        assertThat(real.run(Role.JOB, "echo after\n").out()).isEqualTo("after\n");
    }

    @Test
    void scriptThatFillsTheContainerWithProcessesIsStillCanceled() throws Exception {
        real.start();
        Cancellation cancellation = new Cancellation();
        LineWatch out = new LineWatch("full");

        CompletableFuture<Integer> code = inBackground("""
                trap '' TERM
                count() { read -r now < /sys/fs/cgroup/pids/pids.current || read -r now < /sys/fs/cgroup/pids.current; }
                count 2>/dev/null
                while [ "$now" -lt 64 ]; do sleep 300 & count 2>/dev/null; done
                echo full
                while :; do :; done
                """, out, cancellation);
        out.await();
        cancellation.request();

        assertThat(code.get(60, TimeUnit.SECONDS)).isNotZero();
    }

    @Test
    void requestBeforeTheScriptKeepsItFromStarting() {
        real.start();
        Cancellation cancellation = new Cancellation();
        cancellation.request();
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(real.run(JOB, Role.JOB, "echo never\n", out, out, cancellation))
                .isEqualTo(143);
        assertThat(out.toString(UTF_8)).isEmpty();
    }

    @Test
    void containerThatIsKilledUnderTheScriptIsNotTheScriptsFault() throws Exception {
        real.start();
        LineWatch out = new LineWatch("started");

        CompletableFuture<Integer> code = inBackground("echo started\nsleep 300\n", out, new Cancellation());
        out.await();
        real.engine.call("kill", Duration.ofSeconds(30), docker -> {
            docker.killContainerCmd(real.container(Role.JOB)).exec();
            return true;
        });

        assertThatThrownBy(() -> code.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        ExecutorException.class, it -> assertThat(it.code()).isEqualTo(FailureCode.ENGINE_FAILED));
    }

    @Test
    void containerThatIsGoneIsNamed() {
        real.start();
        real.sandbox.remove(JOB);

        assertFails(FailureCode.ENGINE_FAILED, "does not exist any more", () -> real.run(Role.JOB, "exit 0\n"));
    }

    @Test
    void wantOfMemoryIsNotTheScriptsFault() {
        real.start();

        assertFails(
                FailureCode.OUT_OF_MEMORY,
                "more memory than the container may have",
                () -> real.run(
                        Role.JOB,
                        "set -e\nhead -c 300m /dev/zero | tail -c 250m | wc -c\nbash -c 'a=$(head -c 300m /dev/zero | tr \"\\0\" x)'\n"));
    }

    @Test
    void wantOfMemoryOfAFullWorkspaceIsToldAsSuch() {
        long megabyte = 1024L * 1024;
        var limits = new SandboxSettings.Limits(48 * megabyte, 1.0, 64, 64 * megabyte);
        try (RealSandbox small = new RealSandbox(limits, RealSandbox.HELPER_IMAGE)) {
            small.start();

            assertFails(
                    FailureCode.OUT_OF_MEMORY,
                    "the checkout and the cache count too",
                    () -> small.run(Role.JOB, "set -e\nhead -c 60m /dev/zero >/builds/full\n"));
        }
    }

    @Test
    void containersEndAtTheirDeadline() {
        real.start(RealSandbox.spec(JOB, RealSandbox.JOB_IMAGE, Duration.ofSeconds(4)));

        assertFails(FailureCode.ENGINE_FAILED, "", () -> real.run(Role.JOB, "trap '' TERM; sleep 300\n"));
    }

    @Test
    void removalLeavesNothingAndMayBeRepeated() {
        real.start();
        assertThat(real.remains()).hasSize(4);

        real.sandbox.remove(JOB);
        assertThat(real.remains()).isEmpty();
        real.sandbox.remove(JOB);
    }

    @Test
    void removalForcesAScriptThatStillRuns() throws Exception {
        real.start();
        LineWatch out = new LineWatch("started");
        CompletableFuture<Integer> code = inBackground("echo started\nsleep 300\n", out, new Cancellation());
        out.await();

        real.sandbox.remove(JOB);

        assertThat(real.remains()).isEmpty();
        assertThatThrownBy(() -> code.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(ExecutorException.class);
    }

    @Test
    void secondStartOfTheSameJobReplacesTheFirst() {
        real.start();
        real.run(Role.HELPER, "echo old > /builds/file\n");
        real.start();

        assertThat(real.remains()).hasSize(4);
        assertThat(real.run(Role.HELPER, "ls /builds\n").out()).isEmpty();
    }

    @Test
    void twoJobsDoNotSeeEachOther() {
        real.start();
        real.start(RealSandbox.spec(OTHER_JOB, RealSandbox.JOB_IMAGE, Duration.ofMinutes(10)));
        real.run(JOB, Role.HELPER, "echo one > /builds/file\n");
        real.run(OTHER_JOB, Role.HELPER, "echo two > /builds/file\n");

        assertThat(real.run(JOB, Role.JOB, "cat /builds/file\n").out()).isEqualTo("one\n");
        assertThat(real.run(OTHER_JOB, Role.JOB, "cat /builds/file\n").out()).isEqualTo("two\n");
        real.sandbox.remove(JOB);
        assertThat(real.run(OTHER_JOB, Role.JOB, "echo alive\n").out()).isEqualTo("alive\n");
    }

    @Test
    void commandOfOursReadsTheCheckout() {
        real.start();
        real.run(Role.HELPER, "mkdir /builds/p && cd /builds/p && git init -q . && printf 'a\\377' > f\n");

        CommandResult result =
                real.sandbox.runInHelper(JOB, List.of("git", "-C", "/builds/p", "hash-object", "f"), 100);
        CommandResult missing = real.sandbox.runInHelper(JOB, List.of("cat", "/builds/none"), 100);

        assertThat(result.exitCode()).isZero();
        assertThat(result.text()).matches("[0-9a-f]{40}\n");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.stderr()).contains("No such file");
        assertFails(
                FailureCode.OUTPUT_TOO_LARGE,
                "more than 100 bytes",
                () -> real.sandbox.runInHelper(JOB, List.of("head", "-c", "101", "/dev/zero"), 100));
    }

    @Test
    void outputThatNobodyTakesEndsTheScript() {
        real.start();
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        assertFails(
                FailureCode.OUTPUT_LOST,
                "Broken pipe",
                () -> real.run(JOB, Role.JOB, "echo a; sleep 300\n", broken, broken, new Cancellation()));
        assertThat(sleepers(Role.JOB)).isEmpty();
    }

    private CompletableFuture<Integer> inBackground(String script, OutputStream out, Cancellation cancellation) {
        return CompletableFuture.supplyAsync(
                () -> real.run(JOB, Role.JOB, script, out, OutputStream.nullOutputStream(), cancellation));
    }

    private String sleepers(Role role) {
        return real.run(role, """
                        for file in /proc/[0-9]*/cmdline; do
                          tr '\\0' ' ' < "$file" 2>/dev/null; echo
                        done | grep '^sleep 30[01]'
                        exit 0
                        """).out();
    }

    private static void assertFails(FailureCode code, String saw, ThrowingCallable act) {
        assertThatThrownBy(act).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(code);
            assertThat(failed.failure().saw()).contains(saw);
        });
    }
}
