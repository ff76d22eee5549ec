package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The env file on a real host: whole or not there, the deploy user's alone, whatever happens around it. */
@RealParts
class EnvFileOnHostIT {
    private static final int RELEASES = 8;

    /** Every value begins with its length and ends in a mark, so that any cut shows. */
    private static final String WHOLE = "x".repeat(64 * 1024);

    /**
     * Looks, as fast as it can and until a file named stop is there, at all env files under their final names and at all
     * that are on their way, and prints what no reader may ever see; then how often it looked.
     */
    private static final String WATCH = """
            use strict;
            my ($root, $owner) = @ARGV;
            my ($looks, $seen, $temporary, %bad) = (0, 0, 0);
            until (-e "$root/stop") {
                $looks++;
                for my $path (glob("$root/current/.env*"), glob("$root/.gitops/releases/*/.env*")) {
                    open(my $file, '<', $path) or next;
                    my @state = stat($file);
                    local $/;
                    my $text = <$file>;
                    my $mode = sprintf('%o', $state[2] & 07777);
                    $bad{"$path has mode $mode and owner $state[4]"} = 1 if $mode ne '600' || $state[4] != $owner;
                    if ($path =~ m{/[.]env$}) {
                        $seen++;
                        next if $text =~ m{\\ABIG="(x*)"\\nDATABASE_PASSWORD="[^\\n]*"\\nLOG_LEVEL="debug"\\n\\z} && length($1) == 65536;
                        $bad{"$path is no whole file but " . length($text) . ' bytes'} = 1;
                    } else {
                        $temporary++;
                    }
                }
            }
            print "looks $looks seen $seen temporary $temporary\\n", join("\\n", sort keys %bad);
            """;

    @Test
    void readersNeverSeeAPartOfAFileOrAnotherMode(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("watched").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        world.secret("BIG", WHOLE);
        Release release = environment.release();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> watch = watch(threads, host, environment);
            try {
                for (int count = 0; count < RELEASES; count++) {
                    // Another value makes another release of the same image.
                    world.secret("DATABASE_PASSWORD", "password number %d of many".formatted(count));
                    assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
                }
            } finally {
                host.run("touch", environment.directory() + "/stop");
            }
            assertThat(watch.get()).matches("looks \\d+ seen [1-9]\\d+ temporary \\d+\\n");
        }
        assertThat(host.run("cat", environment.directory() + "/current/.env"))
                .contains("password number %d of many".formatted(RELEASES - 1));
    }

    @Test
    void theOldReleaseStaysWholeWhenTheWritingShellIsKilledAtAnyMoment(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("killed").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        world.secret("BIG", WHOLE);
        Release release = environment.release();
        assertThat(world.deploy(release)).isInstanceOf(Deployed.class);
        String good = world.current(host);
        Random random = new Random(20261128);
        Set<FailureCode> failures = new HashSet<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> watch = watch(threads, host, environment);
            try {
                for (int count = 0; count < RELEASES; count++) {
                    world.secret("DATABASE_PASSWORD", "password that is killed %d".formatted(count));
                    // The lock's shell starts one shell for each script; it has begun to write once the directory is
                    // there.
                    String killer = """
                            before=$(ls "$0/.gitops/releases" | wc -l)
                            {
                              until [ "$(ls "$0/.gitops/releases" | wc -l)" -gt "$before" ]; do :; done
                              sleep 0.%03d
                              pkill -KILL -P "$(cut -d' ' -f1 "$0/.gitops/holder")" -x sh
                            } >/dev/null 2>&1 &
                            """.formatted(random.nextInt(60));
                    world.beforeInstall(() -> host.run("sh", "-c", killer, environment.directory()));
                    try {
                        world.deploy(release);
                        good = world.current(host);
                    } catch (ExecutorException killed) {
                        failures.add(killed.code());
                    }
                    assertThat(world.current(host)).as("what runs is whole").isEqualTo(good);
                    assertThat(host.run(
                                    "sh", "-c", "cd $0/.gitops && find failed -name '.env*'", environment.directory()))
                            .isEmpty();
                }
                world.beforeInstall(() -> {});
                world.secret("DATABASE_PASSWORD", "password after all that");
                assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
            } finally {
                host.run("touch", environment.directory() + "/stop");
            }
            assertThat(watch.get()).matches("looks \\d+ seen [1-9]\\d+ temporary \\d+\\n");
        }
        assertThat(failures).as("some were killed").contains(FailureCode.REMOTE_COMMAND_FAILED);
        assertThat(host.run("sh", "-c", "find $0/.gitops -name '.env.*'", environment.directory()))
                .as("nothing half is left")
                .isEmpty();
    }

    @Test
    void aFullDiskChangesNothingAndIsInNobodysWayLater(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("full").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        String directory = environment.directory();
        host.run("mount", "-t", "tmpfs", "-o", "size=256m,mode=755,uid=1000,gid=1000", "full", directory);
        try {
            host.run("chown", "deploy:deploy", directory);
            Release release = environment.release();
            assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
            String good = world.current(host);
            String before = host.run("cat", directory + "/current/.env");
            world.secret("BIG", WHOLE);
            // 24 KiB are left: enough for the directory and the Compose files, not for the env file.
            world.beforeInstall(() -> host.run(
                    "sh",
                    "-c",
                    "dd if=/dev/zero of=$0/filler bs=4k 2>/dev/null || truncate -s -24k $0/filler",
                    directory));

            assertThatThrownBy(() -> world.deploy(release)).isInstanceOfSatisfying(ExecutorException.class, full -> {
                assertThat(full.code()).isEqualTo(FailureCode.HOST_UNSUITABLE);
                assertThat(full.failure().saw()).contains("its disk is full", "No space left on device");
                assertThat(full.failure().next()).contains("df -h " + directory);
            });

            assertThat(world.current(host)).isEqualTo(good);
            assertThat(host.run("cat", directory + "/current/.env")).isEqualTo(before);
            assertThat(host.run("sh", "-c", "ls -A $0/.gitops/releases", directory)
                            .strip())
                    .isEqualTo(good);
            host.run("rm", directory + "/filler");
            world.beforeInstall(() -> {});
            assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
            assertThat(host.run("cat", directory + "/current/.env")).contains("BIG=\"" + WHOLE + "\"\n");
        } finally {
            host.run("umount", "-l", directory);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            chmod 0775 $0                            | $0 has mode 775: its group or all may write to it; run as its owner: chmod go-w $0
            chmod 1777 $0                            | $0 has mode 1777: everybody may put files there, sticky or not; name a directory elsewhere in policy.yaml
            chown nobody $0                          | $0 belongs to user id 65534, only root and deploy may own it; run as root: chown deploy $0
            mv $0 $0.real && ln -s $0.real $0        | $0 is a symbolic link; write the real path into policy.yaml: $0.real
            ln -s /tmp $0/.gitops                    | $0/.gitops is a symbolic link; see who made it, then: rm $0/.gitops
            mkdir -m 755 $0/.gitops; chown deploy $0/.gitops | $0/.gitops has mode 755, it must be 0700; run: chmod 0700 $0/.gitops
            mkdir -m 700 $0/.gitops; chown nobody $0/.gitops | $0/.gitops belongs to user id 65534; run as root: chown -R deploy $0/.gitops
            """)
    void refusesADirectoryThatOthersCouldChange(String breaking, String problem, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("unsafe").create();
        TargetHost host = environment.hosts().getFirst();
        String directory = environment.directory();
        host.run("sh", "-c", breaking, directory);

        assertUnsuitable(new DeployWorld(testbed, environment), environment, problem.replace("$0", directory));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            mkdir -m 1777 $0         | $0 has mode 1777: everybody may put files there, sticky or not
            install -d -o nobody $0  | $0 belongs to user id 65534, only root and deploy may own it; run as root: chown root $0
            mkdir -m 775 $0          | $0 has mode 775: its group or all may write to it
            ln -s /srv $0            | $0 is a symbolic link; write the real path into policy.yaml: /srv
            """)
    void refusesAParentThatOthersCouldChange(String making, String problem, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("parent").create();
        TargetHost host = environment.hosts().getFirst();
        String parent = environment.directory() + ".parent";
        String directory = parent + "/" + environment.name();
        host.run(
                "sh",
                "-c",
                making + "; [ -d $0 ] && chmod $(stat -L -c %a $0) $0 && mkdir $0/$1 && chown deploy $0/$1",
                parent,
                environment.name());
        DeployWorld world = new DeployWorld(testbed, environment);
        world.directory(directory);

        assertUnsuitable(world, environment, problem.replace("$0", parent));
    }

    @Test
    void refusesWhatWasChangedAfterThePreflight(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("late").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        String directory = environment.directory();
        world.beforeInstall(() -> host.run("ln", "-s", "/tmp", directory + "/.gitops/releases"));

        assertUnsuitable(world, environment, directory + "/.gitops/releases is a symbolic link");
        assertThat(host.run("sh", "-c", "ls -d /tmp/*-4711-* /tmp/.env* 2>/dev/null || :"))
                .isEmpty();
    }

    @Test
    void keepsTheModeUnderSetgidAndADefaultAcl(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("setgid").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        String directory = environment.directory();
        host.run("sh", "-c", "chgrp docker $0 && chmod 2755 $0", directory);
        // The default ACL, as setfacl -d -m u:nobody:rwx would write it, in the kernel's own form.
        host.run("perl", "-e", """
                my $acl = pack('V', 2) . join('', map { pack('vvl<', @$_) } [1, 7, -1], [2, 7, 65534], [4, 7, -1], [16, 7, -1], [32, 7, -1]);
                my ($setxattr, $path, $name) = (`uname -m` =~ /aarch64/ ? 5 : 188, $ARGV[0], 'system.posix_acl_default');
                syscall($setxattr, $path, $name, $acl, length($acl), 0) == 0 or die $!;
                """, directory);
        Release release = environment.release();
        assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
        world.secret("BIG", WHOLE);
        assertThat(world.deploy(release))
                .as("the second deploy accepts what the first made")
                .isInstanceOf(Deployed.class);

        assertThat(host.run("sh", "-c", "stat -c '%a %U %F' $0/.gitops/releases/*/.env", directory)
                        .lines())
                .hasSize(2)
                .containsOnly("600 deploy regular file");
        assertThat(host.run("su", "-s", "/bin/sh", "nobody", "-c", "cat " + directory + "/current/.env 2>&1 || :"))
                .contains("Permission denied");
    }

    @Test
    void neitherFollowsNorWaitsForWhatAnotherProcessPlanted(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("planted").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        String directory = environment.directory();
        world.secret("BIG", WHOLE);
        host.run("sh", "-c", "echo untouched >/home/deploy/victim && chown deploy /home/deploy/victim");
        // As fast as it can, as the deploy user itself: under the names that a writer could be guessed to use.
        String plant = """
                cd "$0/.gitops" || exit
                while [ ! -e "$0/stop" ]; do
                  for at in releases/*; do
                    ln -s /home/deploy/victim "$at/.env" 2>/dev/null
                    ln -s /home/deploy/victim "$at/.env.new" 2>/dev/null
                    mkfifo "$at/release.json.new" 2>/dev/null
                  done
                done
                exit 0
                """;
        Release release = environment.release();
        assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> planting = threads.submit(() -> host.run("su", TargetHost.USER, "-c", plant, directory));
            try {
                for (int count = 0; count < 3; count++) {
                    world.secret("DATABASE_PASSWORD", "password for the planted %d".formatted(count));
                    assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Deployed.class);
                }
            } finally {
                host.run("touch", directory + "/stop");
            }
            planting.get();
        }
        assertThat(host.run("cat", "/home/deploy/victim")).isEqualTo("untouched\n");
        assertThat(host.run("stat", "-c", "%F %a", directory + "/current/.env").strip())
                .isEqualTo("regular file 600");
    }

    private static Future<String> watch(ExecutorService threads, TargetHost host, DeployEnvironment environment) {
        String owner = host.run("id", "-u", TargetHost.USER).strip();
        return threads.submit(() -> host.run("perl", "-e", WATCH, environment.directory(), owner));
    }

    private static void assertUnsuitable(DeployWorld world, DeployEnvironment environment, String problem)
            throws Exception {
        Release release = environment.release();
        assertThatThrownBy(() -> world.deploy(release)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.HOST_UNSUITABLE);
            assertThat(refused.failure().saw().lines()).anyMatch(line -> line.contains(problem));
        });
    }
}
