package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.RollbackFailed;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Going back on purpose on real hosts: what comes, what is refused, and what becomes of hosts when it fails. */
@RealParts
class RollbackIT {

    @Test
    void goesBackAndForwardAgainOnAllHostsOrNone(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("undo").on("web-1", "web-2").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release first = environment.release();
        Release second = environment.release();
        world.pipeline(9001).deploy(first);
        TargetHost host = environment.hosts().getFirst();
        String stored = world.current(host);
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE, () -> world.undo(first), "web-2: no verified release from before");
        assertThat(world.retry(first)).as("it is current").isEmpty();
        world.pipeline(9002).deploy(second);
        assertThat(world.retry(first)).as("of that pipeline nobody deployed it").isEmpty();

        assertThat(world.undo(second)).as(world.log()).isInstanceOf(Deployed.class);
        for (TargetHost each : environment.hosts()) {
            assertThat(world.current(each)).isEqualTo(stored);
            assertThat(environment.answer(each)).contains(first.tag());
        }
        assertThat(world.log())
                .contains("web-1, web-2: %s (".formatted(second.tag()), "-> %s (".formatted(first.tag()));

        assertRefused(
                FailureCode.OUTDATED,
                () -> world.undo(second),
                "commit %s of pipeline 9001 is current".formatted(first.tag()),
                "Press the rollback job of pipeline 9001");
        assertRefused(
                FailureCode.OUTDATED, () -> world.pipeline(9001).deploy(environment.release()), "newer pipeline 9002");
        assertThat(world.pipeline(9002).retry(second).orElseThrow()).isInstanceOf(Deployed.class);
        assertThat(environment.answer(host)).contains(second.tag());

        environment.hosts().getLast().run("rm", "-r", environment.directory() + "/.gitops/releases/" + stored);
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> world.undo(second),
                "web-1: has release %s of it\nweb-2: has no verified release of commit %s, pipeline 9001"
                        .formatted(stored, first.tag()),
                "nothing was changed");
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE, () -> world.pipeline(9001).retry(first), "web-2: has no verified");
        assertThat(environment.answer(host)).contains(second.tag());
    }

    @Test
    void comesBackToWhatRanWhenTheOldReleaseFailsOrLacksItsImage(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("undone").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release first = environment.release();
        Release second = environment.release();
        world.pipeline(9001).deploy(first);
        TargetHost host = environment.hosts().getFirst();
        String stored = environment.directory() + "/.gitops/releases/" + world.current(host);
        world.pipeline(9002).deploy(second);
        host.run(
                "sh",
                "-c",
                "docker image rm -f $(docker image inspect --format '{{.Id}}' $0)",
                "registry.test:5000/shop/app@" + first.digest());

        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> world.undo(second),
                "an image of it is gone from the host, and cannot be fetched",
                "[REGISTRY_REFUSED]");
        assertThat(environment.answer(host)).contains(second.tag());

        world.registryPassword(testbed.registry().password());
        host.run(
                "sed",
                "-i.proven",
                "s/127.0.0.1:%d/127.0.0.1:1%d/".formatted(environment.port(), environment.port()),
                stored + "/compose.yaml");
        DeployOutcome failed = world.undo(second);
        assertThat(failed).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(environment.answer(host)).contains(second.tag());

        host.run("mv", stored + "/compose.yaml.proven", stored + "/compose.yaml");
        assertThat(world.undo(second)).as("what failed once is still there").isInstanceOf(Deployed.class);
        assertThat(environment.answer(host)).contains(first.tag());
    }

    @Test
    void keepsReleasesAwayFromADatabaseThatIsTooNewForThem(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("schema").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        Release first = environment.release();
        Release second = environment.release();
        Release broken = environment.release(AppVariant.UNHEALTHY);
        world.schema(9, 9);
        world.pipeline(9001).deploy(first);
        world.schema(12, 10);
        world.pipeline(9002).deploy(second);

        String why =
                "the database is at schema 12, on which releases below schema 10 do not run; this one is of schema 9";
        assertRefused(FailureCode.SCHEMA_TOO_OLD, () -> world.undo(second), "web-1: " + why);
        world.schema(9, 9);
        assertRefused(FailureCode.SCHEMA_TOO_OLD, () -> world.pipeline(9003).deploy(environment.release()), why);
        assertThat(environment.answer(host)).contains(second.tag());

        world.schema(13, 13);
        String good = world.current(host);
        DeployOutcome outcome = world.pipeline(9003).deploy(broken);
        assertThat(outcome).as(world.log()).isInstanceOf(RollbackFailed.class);
        assertThat(world.log())
                .contains("if it fails it will not be rolled back: schema 13, on which releases below schema 13");
        assertThat(outcome.failure().orElseThrow().block())
                .contains("stays although it failed: %s must not come back".formatted(good))
                .contains("once the database is restored from before, remove %s/.gitops/schema.json"
                        .formatted(environment.directory()))
                .as("no command that would start it on that database")
                .doesNotContain("ln -sfn");
        assertThat(world.image(host)).endsWith(broken.digest());
        assertRefused(FailureCode.SCHEMA_TOO_OLD, () -> world.undo(broken), "the database is at schema 13");

        host.run("rm", environment.directory() + "/.gitops/schema.json");
        assertThat(world.undo(broken)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(environment.answer(host)).contains(second.tag());
        world.schema(12, 10);
        Release again = environment.release(AppVariant.UNHEALTHY);
        assertThat(world.pipeline(9004).deploy(again)).isInstanceOf(RolledBack.class);
        assertThat(world.pipeline(9004).deploy(again)).isInstanceOf(RolledBack.class);
        assertThat(world.log())
                .containsPattern("commit %s failed here at 20[^ ]*Z: health: status 404".formatted(again.tag()));
    }

    @Test
    void givesACopyOfTheOldReleaseTodaysValueOfARevokedSecret(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("latest").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        world.latestOnRollback("DATABASE_PASSWORD");
        world.secret("API_KEY", "the first key of the API");
        Release first = environment.release();
        world.pipeline(9001).deploy(first);
        String stored = world.current(host);
        world.secret("API_KEY", "the second key of the API");
        Release second = environment.release();
        world.pipeline(9002).deploy(second);
        String current = environment.directory() + "/current/";

        world.secret("DATABASE_PASSWORD", "rotated meanwhile, the old one is revoked");
        assertThat(world.undo(second)).as(world.log()).isInstanceOf(Deployed.class);

        assertThat(environment.answer(host)).contains(first.tag());
        assertThat(host.run("cat", current + ".env"))
                .contains("rotated meanwhile, the old one is revoked", "the first key of the API");
        assertThat(host.run("cat", current + "release.json"))
                .contains("\"brought_back\"", "\"from\" : \"%s\"".formatted(stored));
        assertThat(host.run("stat", "-c", "%a %U", current + ".env")).isEqualToIgnoringNewLines("600 deploy");
        assertThat(world.current(host)).isNotEqualTo(stored);
        assertRefused(FailureCode.OUTDATED, () -> world.undo(second), "pipeline 9001 is current");
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> world.pipeline(9001).undo(first),
                "no verified release from before pipeline 9001");
    }

    private static void assertRefused(FailureCode code, ThrowingCallable work, String... texts) {
        ExecutorException refused = catchThrowableOfType(ExecutorException.class, work);
        assertThat(refused).isNotNull();
        Failure failure = refused.failure();
        assertThat(failure.code()).as(failure.block()).isEqualTo(code);
        assertThat(failure.saw() + "\n" + failure.next()).contains(texts);
    }
}
