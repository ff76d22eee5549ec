package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.Registry;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which images a host keeps for its releases, whatever removes images there, and what is done where one is gone. */
@RealPartsAlone
class ImagesOfReleasesIT {

    @Test
    void keepsTheImagesOfThreeReleasesAndGoesBackWithoutARegistry(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("pinned").create();
        DeployEnvironment neighbour = testbed.newEnvironment("neighbour").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        DeployWorld other = new DeployWorld(testbed, neighbour);
        TargetHost host = environment.hosts().getFirst();
        Set<String> before = pins(host);
        List<Release> releases = new ArrayList<>();
        for (int count = 0; count < 5; count++) {
            Release release = environment.release();
            releases.add(release);
            assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
            if (count == 0) {
                assertThat(other.deploy(release)).as(other.log()).isInstanceOf(Deployed.class);
            }
            prune(host);
        }

        assertThat(releases.stream().map(release -> has(host, release)).toList())
                .as("the first is the neighbour's too, the second has outlived its use")
                .containsExactly(true, false, true, true, true);
        assertPinned(before, host, environment, neighbour);
        assertThat(neighbour.answer(host)).contains(releases.getFirst().tag());
        assertThat(other.image(host)).endsWith(releases.getFirst().digest());

        Release bad = environment.release(AppVariant.UNHEALTHY);
        world.beforeInstall(() -> {
            removeContainers(host, environment);
            prune(host);
            unplugRegistry(host);
        });
        DeployOutcome outcome;
        try {
            outcome = world.deploy(bad);
        } finally {
            plugRegistry(host);
        }

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(environment.answer(host)).contains(releases.getLast().tag());
        assertThat(has(host, bad)).as("image of the release that failed").isFalse();
        assertPinned(before, host, environment, neighbour);
    }

    @Test
    void makesSureOfTheWayBackBeforeItChangesAnything(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("way").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        Release first = environment.release();
        world.deploy(first);

        lose(host, environment, first);
        Release second = environment.release();
        assertThat(world.deploy(second)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(world.log()).contains("pulled what release", "needs and the host had lost");
        assertThat(has(host, first)).isTrue();

        lose(host, environment, second);
        testbed.registry().delete("shop/app", second.digest());
        Release third = environment.release();
        String current = world.current(host);
        assertThatThrownBy(() -> world.deploy(third)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.NO_WAY_BACK);
            assertThat(refused.failure().saw())
                    .contains("web-1: release " + current, second.digest(), "nothing was changed");
        });
        assertThat(world.current(host)).isEqualTo(current);
        assertThat(world.image(host)).as("nothing was started").isEmpty();

        world.wayBackRequired(false);
        assertThat(world.deploy(third)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(world.log()).contains("THERE IS NO WAY BACK. web-1: release " + current);
        assertThat(environment.answer(host)).contains(third.tag());

        Release fourth = environment.release();
        fillDiskOfImages(host);
        try {
            assertThatThrownBy(() -> world.deploy(fourth)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
                assertThat(refused.code()).isEqualTo(FailureCode.HOST_UNSUITABLE);
                assertThat(refused.failure().saw())
                        .contains("/var/lib/docker, where Docker keeps images, has 1 MiB free, 512 are needed");
            });
        } finally {
            host.run("rm", "/usr/local/bin/df");
        }
        assertThat(has(host, fourth)).isFalse();
    }

    /** So it seems to whoever asks. */
    private static void fillDiskOfImages(TargetHost host) {
        host.run(
                "sh",
                "-c",
                "printf '%s\\n' '#!/bin/sh' 'case \"$*\" in *docker*) echo / 1 1 1024 1% /; exit ;; esac'"
                        + " 'exec /usr/bin/df \"$@\"' >/usr/local/bin/df && chmod 755 /usr/local/bin/df");
    }

    /** What many hosts do every night. */
    private static void prune(TargetHost host) {
        host.run("docker", "image", "prune", "-f");
        host.run("docker", "system", "prune", "-f");
    }

    private static boolean has(TargetHost host, Release release) {
        return host.run("docker", "image", "ls", "--digests", "--no-trunc").contains(release.digest());
    }

    /** Exactly the releases that are there have pins, one for each image; other tests' pins aside. */
    private static void assertPinned(Set<String> before, TargetHost host, DeployEnvironment... environments) {
        Set<String> wanted = Arrays.stream(environments)
                .flatMap(environment -> host.run("ls", environment.directory() + "/.gitops/releases")
                        .lines())
                .map(release -> release + ".1")
                .collect(Collectors.toSet());
        Set<String> pins = pins(host);
        pins.removeAll(before);
        assertThat(pins).isEqualTo(wanted).hasSize(4);
    }

    private static Set<String> pins(TargetHost host) {
        return host.run("docker", "image", "ls", "--format", "{{.Tag}}", "gitops-executor/release")
                .lines()
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static void removeContainers(TargetHost host, DeployEnvironment environment) {
        host.run(
                "sh",
                "-c",
                "docker rm -f $(docker ps -aq --filter label=com.docker.compose.project=$0)",
                environment.project());
    }

    /** The image and every name of it. */
    private static void lose(TargetHost host, DeployEnvironment environment, Release release) {
        removeContainers(host, environment);
        host.run("sh", "-c", "docker rmi -f $(docker image inspect --format '{{.Id}}' $0)", name(release));
    }

    private static String name(Release release) {
        return "%s/shop/app@%s".formatted(Registry.ADDRESS, release.digest());
    }

    private static void unplugRegistry(TargetHost host) {
        host.run("sh", "-c", "cp /etc/hosts /root/hosts && echo 127.0.0.1 registry.test >>/etc/hosts");
    }

    private static void plugRegistry(TargetHost host) {
        host.run("sh", "-c", "[ ! -f /root/hosts ] || { cat /root/hosts >/etc/hosts; rm /root/hosts; }");
    }
}
