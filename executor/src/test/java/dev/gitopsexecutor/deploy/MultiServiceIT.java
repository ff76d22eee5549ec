package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.deploy.DeployOutcome.Unchanged;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Registry;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Compose file as teams have it, on a real host whose Compose decides what it means. */
@RealParts
class MultiServiceIT {
    @Test
    void touchesNothingButWhatItDeploysAndRunsJobsFirst(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("team").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        Release plain = environment.release();
        assertThat(world.deploy(plain)).as(world.log()).isInstanceOf(Deployed.class);
        goesBackToReleaseOfAnEarlierVersion(world, environment, host);

        String image = Registry.ADDRESS + "/shop/app";
        String compose = compose(image, environment.port());
        startDatabase(environment, host, image + "@" + plain.digest(), compose);
        String database = identity(environment, host, "db");
        world.compose(compose);
        world.job("migrate");
        world.service("worker");
        world.service("nginx");
        world.ship("migrate/exit", "0\n");
        world.ship("nginx/banner.txt", "welcome\n");
        world.ship("nginx/conf.d/shop.conf", "listen 80;\n");
        world.ship("nginx/team.env", "TEAM=shop\n");
        Release full = environment.release();

        assertThat(world.deploy(full)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(world.log()).contains("its jobs run: migrate", "job ok: migrate ended with exit code 0");
        assertThat(services(environment, host)).containsExactly("app", "db", "migrate", "nginx", "worker", "worker");
        assertThat(migrations(environment, host)).isEqualTo(1);
        assertThat(nginx(environment, host, "banner.txt")).isEqualTo("welcome");
        assertThat(nginx(environment, host, "conf.d/shop.conf")).isEqualTo("listen 80;");
        assertThat(host.run("docker", "exec", id(environment, host, "nginx"), "/bin/env"))
                .contains("TEAM=shop", "LOG_LEVEL=debug");

        host.run("docker", "rm", id(environment, host, "migrate"));
        assertThat(world.deploy(full)).as(world.log()).isInstanceOf(Unchanged.class);
        assertThat(migrations(environment, host)).isEqualTo(1);

        host.run("sh", "-c", "echo edited >>\"$0\"/current/files/nginx/conf.d/shop.conf", environment.directory());
        assertThat(world.deploy(full)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(nginx(environment, host, "conf.d/shop.conf")).isEqualTo("listen 80;");
        host.run("docker", "rm", "-f", id(environment, host, "worker"));
        assertThat(world.deploy(full)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(services(environment, host)).containsExactly("app", "db", "migrate", "nginx", "worker", "worker");
        assertThat(migrations(environment, host)).as("an ended job runs again").isEqualTo(3);

        String application = identity(environment, host, "app");
        world.ship("migrate/exit", "3\n");
        world.ship("nginx/conf.d/shop.conf", "listen 81;\n");
        DeployOutcome failed = world.deploy(environment.release());
        assertThat(failed).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(failed.failure().orElseThrow().block())
                .contains("[CHECK_FAILED]", "job: container", "exited with exit code 3", "ended with exit code 0");
        assertThat(world.log()).contains("| no column x");
        assertThat(identity(environment, host, "app"))
                .as("not even the way back restarts what waits for the job")
                .isEqualTo(application);
        assertThat(services(environment, host)).containsExactly("app", "db", "nginx", "worker", "worker");
        assertThat(migrations(environment, host))
                .as("once, and not on the way back")
                .isEqualTo(4);
        assertThat(nginx(environment, host, "conf.d/shop.conf")).isEqualTo("listen 80;");

        world.ship("migrate/exit", "0\n");
        failed = world.deploy(environment.release(AppVariant.UNHEALTHY));
        assertThat(failed).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(environment.answer(host)).contains(full.tag());
        assertThat(nginx(environment, host, "conf.d/shop.conf")).isEqualTo("listen 80;");
        assertThat(services(environment, host)).containsExactly("app", "db", "nginx", "worker", "worker");
        assertThat(identity(environment, host, "db")).isEqualTo(database);
    }

    @Test
    void refusesComposeFileWhoseFilesDoNotTravelAndJobsThatStartAgain(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("refused").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.ship("nginx/nginx.conf", "x");
        world.job("migrate");
        String image = Registry.ADDRESS + "/shop/app";
        Release release = environment.release();
        world.compose("""
                services:
                  app:
                    image: %1$s
                    configs: [banner]
                    volumes: ["./nginx/nginx.conf:/a", "./nginx:/b", "./data:/c", "../:/d", "../../.env:/e", "./nginx/nginx.conf/x:/f"]
                    scale: 0
                  migrate: {image: %1$s, restart: always, scale: 2}
                configs: {banner: {file: ./banner.txt}}
                """.formatted(image));
        assertThatThrownBy(() -> world.deploy(release)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.COMPOSE_INVALID);
            assertThat(refused.failure().saw().lines())
                    .hasSize(10)
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("service \"app\" may write to what travels with the release, at /a; mount it"))
                    .anySatisfy(line -> assertThat(line).startsWith("service \"app\" runs 0 times"))
                    .anySatisfy(
                            line -> assertThat(line).startsWith("service \"migrate\" runs 2 times; a job runs once"))
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("service \"app\" mounts the relative path \"./data\", which no host has")
                            .endsWith("list what is in the repository under `files:` of deploy.yaml"))
                    .anySatisfy(line -> assertThat(line).contains("\"./nginx/nginx.conf/x\", which no host has"))
                    .anySatisfy(line -> assertThat(line).contains("\"..\", which leads out of"))
                    .anySatisfy(line -> assertThat(line).contains("\"../../.env\", which leads out of"))
                    .anySatisfy(line -> assertThat(line).contains("configs \"banner\"", "\"./banner.txt\""))
                    .anySatisfy(line -> assertThat(line)
                            .startsWith(
                                    "service \"migrate\" is a job with restart: always, which would start it again"));
        });
    }

    private static String compose(String image, int port) {
        return """
                services:
                  app:
                    image: %1$s
                    ports: ["127.0.0.1:%2$d:8080"]
                    restart: unless-stopped
                    depends_on:
                      migrate: {condition: service_completed_successfully}
                      db: {condition: service_started}
                  worker:
                    image: %1$s
                    command: [/bin/sleep, "100000"]
                    deploy: {replicas: 2}
                  migrate:
                    profiles: [tools]
                    image: %1$s
                    command: [/bin/sh, -c, "echo migrated-$$LOG_LEVEL >>/data/migrations; echo no column x; exit $$(cat /exit)"]
                    volumes: [data:/data, "./migrate/exit:/exit:ro"]
                    depends_on: [db]
                  nginx:
                    image: %1$s
                    user: "1234:1234"
                    command: [/bin/httpd, -f, -p, "8080", -h, /conf]
                    ports: ["127.0.0.1:%3$d:8080"]
                    env_file: nginx/team.env
                    volumes:
                      - {type: bind, source: ./nginx/conf.d, target: /conf/conf.d, read_only: true}
                    configs: [{source: banner, target: /conf/banner.txt}]
                  db:
                    image: local/db:1
                    command: [/bin/sleep, "100000"]
                    volumes: [data:/data]
                  debug:
                    profiles: [debug]
                    image: never/there:1
                    env_file: not-there.env
                volumes: {data: {}}
                configs: {banner: {file: ./nginx/banner.txt}}
                """.formatted(image, port, port + 1000);
    }

    /** As releases were written before any file travelled with them. */
    private static void goesBackToReleaseOfAnEarlierVersion(
            DeployWorld world, DeployEnvironment environment, TargetHost host) throws Exception {
        String tag = environment.answer(host);
        host.run(
                "su",
                TargetHost.USER,
                "-c",
                "cd \"$0\"/current/ && rmdir files && sed -i 's,\\.\\./\\.env,.env,; /profiles/d' compose.override.yaml"
                        + " && jq 'del(.files, .jobs, .replicas)' release.json >new && mv new release.json",
                environment.directory());
        DeployOutcome outcome = world.deploy(environment.release(AppVariant.UNHEALTHY));
        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(environment.answer(host)).isEqualTo(tag);
    }

    /** By hand and long before, as databases are. */
    private static void startDatabase(DeployEnvironment environment, TargetHost host, String image, String compose) {
        host.run("docker", "tag", image, "local/db:1");
        host.run(
                "sh",
                "-ec",
                "cd $(mktemp -d) && mkdir nginx && touch nginx/team.env && printf %s \"$1\" >compose.yaml &&"
                        + " docker compose -p \"$0\" --profile tools up -d --no-deps db",
                environment.project(),
                compose);
    }

    private static List<String> services(DeployEnvironment environment, TargetHost host) {
        return ps(environment, host, "-a", "{{.Label \"com.docker.compose.service\"}}")
                .lines()
                .sorted()
                .toList();
    }

    /** Of one of its containers. */
    private static String id(DeployEnvironment environment, TargetHost host, String service) {
        return ps(environment, host, "-a", "{{.ID}} {{.Label \"com.docker.compose.service\"}}")
                .lines()
                .filter(line -> line.endsWith(" " + service))
                .findFirst()
                .orElseThrow()
                .replaceFirst(" .*", "");
    }

    private static String identity(DeployEnvironment environment, TargetHost host, String service) {
        return host.run(
                "docker", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", id(environment, host, service));
    }

    private static String ps(DeployEnvironment environment, TargetHost host, String all, String format) {
        return host.run(
                "docker",
                "ps",
                all,
                "--filter",
                "label=com.docker.compose.project=" + environment.project(),
                "--format",
                format);
    }

    private static long migrations(DeployEnvironment environment, TargetHost host) {
        return host.run("docker", "exec", id(environment, host, "db"), "/bin/cat", "/data/migrations")
                .lines()
                .filter("migrated-debug"::equals)
                .count();
    }

    private static String nginx(DeployEnvironment environment, TargetHost host, String path) {
        return host.run("curl", "-fsS", "http://127.0.0.1:%d/%s".formatted(environment.port() + 1000, path))
                .strip();
    }
}
