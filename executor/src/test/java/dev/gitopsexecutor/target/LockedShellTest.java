package dev.gitopsexecutor.target;

import static dev.gitopsexecutor.target.SshTargetTest.script;
import static dev.gitopsexecutor.target.SshTargetTest.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class LockedShellTest {
    private static final InstantSource CLOCK = InstantSource.system();

    private final List<String> waited = Collections.synchronizedList(new ArrayList<>());
    private final Cancellation cancellation = new Cancellation();
    private TestSshServer server;
    private SshTarget target;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws Exception {
        KeyPair key = TestSshServer.newKey();
        server = new TestSshServer(TestSshServer.newKey(), key.getPublic());
        target = TestSshServer.target(SshIdentity.ofFile(TestSshServer.write(key, directory.resolve("key"))));
        Files.createDirectory(root());
    }

    @AfterEach
    void stop() {
        target.close();
        server.close();
    }

    @Test
    void returnsOutputOfEachScriptApartAndKeepsRunningAfterFailure() throws Exception {
        try (SshConnection connection = connect();
                LockedShell shell = LockedShell.acquire(connection, request("a", 10))) {
            RemoteResult first = shell.run(script("printf 'no line end'; echo bad >&2; exit 3"), none(), soon());
            RemoteResult second = shell.run(script("x=$(next); echo \"$x\"; echo"), none().add("two\nlines"), soon());
            RemoteResult third = shell.run(script("exit 0"), none().add("unread".repeat(50_000)), soon());
            assertThat(first.exitCode()).isEqualTo(3);
            assertThat(first.output()).isEqualTo("no line end");
            assertThat(first.error()).isEqualTo("bad\n");
            assertThat(second.output()).isEqualTo("two\nlines\n\n");
            assertThat(second.error()).isEmpty();
            assertThat(third.succeeded()).isTrue();
            assertThat(third.output()).isEmpty();
        }
    }

    @Test
    void keepsOthersOutAndTellsThemWhoHoldsIt() throws Exception {
        try (SshConnection one = connect();
                SshConnection two = connect()) {
            LockedShell held = LockedShell.acquire(one, request("a", 10));
            assertThatThrownBy(() -> LockedShell.acquire(two, request("b", 1)))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.LOCK_HELD);
                        assertThat(failed.failure().saw()).startsWith("it is held by job of a, since 2026-11-24T");
                    });
            assertThat(waited).hasSize(1).first().asString().startsWith("job of a, since");
            held.close();
            LockedShell.acquire(two, request("b", 5)).close();
        }
        assertThat(root().resolve(".gitops/owner.json")).doesNotExist();
    }

    @Test
    void freesLockWhenTheConnectionDies() throws Exception {
        LockedShell.acquire(connect(), request("a", 10));
        server.cutConnections();
        try (SshConnection two = connect()) {
            LockedShell.acquire(two, request("b", 10)).close();
        }
    }

    @Test
    void keepsLockUntilTheLastChildOfDeadHolderEnds() throws Exception {
        LockedShell shell = LockedShell.acquire(connect(), request("a", 10));
        Path started = directory.resolve("started");
        Path ended = directory.resolve("ended");
        FutureTask<RemoteResult> run = new FutureTask<>(() -> shell.run(
                script("started=$(next) ended=$(next); : >\"$started\"; sleep 2; : >\"$ended\""),
                none().add(started).add(ended),
                soon()));
        Thread.ofVirtual().start(run);
        Awaitility.await().until(() -> Files.exists(started));
        server.cutConnections();
        assertThatThrownBy(run::get)
                .hasCauseInstanceOf(ExecutorException.class)
                .hasMessageContaining("the connection was lost");
        try (SshConnection two = connect()) {
            LockedShell.acquire(two, request("b", 10)).close();
        }
        assertThat(ended).exists();
    }

    @Test
    void endsItsOwnEarlierHolder() throws Exception {
        LockedShell lost = LockedShell.acquire(connect(), request("same", 10));
        try (SshConnection two = connect();
                LockedShell again = LockedShell.acquire(two, request("same", 5))) {
            assertThat(again.run(script("echo ok"), none(), soon()).output()).isEqualTo("ok\n");
            assertThatThrownBy(() -> lost.run(script("echo no"), none(), soon()))
                    .hasMessageContaining("the connection was lost");
        }
    }

    @Test
    void refusesScriptsOnceTheLockFileIsAnother() throws Exception {
        try (SshConnection one = connect();
                SshConnection two = connect();
                LockedShell first = LockedShell.acquire(one, request("a", 10))) {
            Files.delete(root().resolve(".gitops/lock"));
            try (LockedShell second = LockedShell.acquire(two, request("b", 5))) {
                Path written = directory.resolve("written");
                assertThatThrownBy(() -> first.run(script(": >\"$(next)\""), none().add(written), soon()))
                        .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.LOCK_LOST);
                            assertThat(failed.failure().saw())
                                    .contains(".gitops/lock is not the file any more that this deploy locked")
                                    .endsWith("the script did not run");
                        });
                assertThat(written).doesNotExist();
                assertThat(first.isOpen()).isFalse();
                assertThat(second.run(script("echo ok"), none(), soon()).output())
                        .isEqualTo("ok\n");
                assertThat(root().resolve(".gitops/owner.json"))
                        .as("who lost the lock leaves what belongs to the new holder")
                        .content()
                        .contains("job of b");
            }
        }
    }

    @Test
    void refusesScriptsOnceAHigherNumberWasGiven() throws Exception {
        try (SshConnection connection = connect()) {
            LockedShell.acquire(connection, request("a", 10)).close();
            LockedShell shell = LockedShell.acquire(connection, request("a", 10));
            Path fence = root().resolve(".gitops/fence");
            assertThat(fence).hasContent("2");
            Files.writeString(fence, "3\n");
            assertThatThrownBy(() -> shell.run(script("echo no"), none(), soon()))
                    .hasMessageContaining("fence is 3, this deploy has number 2: another one came since");
        }
    }

    @Test
    void saysThatTheHostHeardNothingWhenItTookUsForGone() throws Exception {
        try (SshConnection connection = connect();
                LockedShell shell = LockedShell.acquire(connection, request("a", 10))) {
            String holder = Files.readString(root().resolve(".gitops/holder"));
            // As its watchdog does after so long a silence.
            new ProcessBuilder("kill", "-ALRM", holder.split(" ", -1)[0])
                    .start()
                    .waitFor();
            assertThatThrownBy(() -> shell.run(script("echo no"), none(), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.LOCK_LOST);
                        assertThat(failed.failure().saw()).contains("heard nothing from this process for 2 s or more");
                    });
        }
    }

    @Test
    void staysAliveWhileNothingRuns() throws Exception {
        try (SshConnection connection = connect();
                LockedShell shell = LockedShell.acquire(connection, request("a", 10))) {
            Path beat = root().resolve(".gitops/beat");
            Instant first = Files.getLastModifiedTime(beat).toInstant();
            Awaitility.await()
                    .until(() -> Files.exists(beat)
                            && Files.getLastModifiedTime(beat).toInstant().isAfter(first.plus(Duration.ofSeconds(4))));
            assertThat(shell.run(script("echo ok"), none(), soon()).output()).isEqualTo("ok\n");
        }
    }

    @Test
    void stopsWaitingWhenCanceled() throws Exception {
        try (SshConnection one = connect();
                SshConnection two = connect();
                LockedShell held = LockedShell.acquire(one, request("a", 10))) {
            cancellation.request();
            assertThatThrownBy(() -> LockedShell.acquire(two, request("b", 60)))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            failed -> assertThat(failed.code()).isEqualTo(FailureCode.CANCELED));
            assertThat(held.isOpen()).isTrue();
        }
    }

    @Test
    void saysWhyDirectoryCannotBeLocked() {
        try (SshConnection connection = connect()) {
            LockRequest nowhere = new LockRequest(
                    directory.resolve("missing").toString(),
                    "a",
                    new LockOwner("a", CLOCK.instant()),
                    soon(),
                    Duration.ofSeconds(10),
                    cancellation,
                    waited::add);
            assertThatThrownBy(() -> LockedShell.acquire(connection, nowhere))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_UNSUITABLE);
                        assertThat(failed.failure().saw()).contains("missing/.gitops");
                    });
        }
    }

    private SshConnection connect() {
        return target.connect(server.asHost(), soon());
    }

    private LockRequest request(String token, int seconds) {
        return new LockRequest(
                root().toString(),
                token,
                new LockOwner("job of " + token, Instant.parse("2026-11-24T03:00:00Z")),
                Deadline.after(CLOCK, Duration.ofSeconds(seconds)),
                Duration.ofSeconds(2),
                cancellation,
                waited::add);
    }

    private Path root() {
        return directory.resolve("app");
    }

    private static RemoteInput none() {
        return new RemoteInput();
    }
}
