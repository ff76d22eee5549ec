package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.NoLongerWell;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.deploy.DeployOutcome.Unchanged;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.CheckRule;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.Nginx;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a release must prove besides its health on each host: smoke checks, the public URL, stability. */
@RealParts
class ProvenHealthyIT {
    private static final ServiceName APP = new ServiceName("app");

    @TempDir
    private Path directory;

    @Test
    void everySmokeCheckIsMadeWhereItBelongsAndOnlyTheRepeatableOnesAgain(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("smoke").on("web-1", "web-2").create();
        DeployWorld world = world(testbed, environment);
        world.secret("SMOKE_TOKEN", "the token of smoke checks");
        Release release = environment.release();
        try (Nginx proxy = proxy(environment, "localhost", "the token of smoke checks")) {
            publish(world, proxy, Optional.of("localhost-ca.pem"));
            world.smoke("front-page", true, http("/", Set.of(Place.HOST), Map.of(), "^shop " + release.tag()));
            world.smoke(
                    "account",
                    true,
                    http("/account", Set.of(Place.PUBLIC), Map.of("X-Token", "{SMOKE_TOKEN}"), "\"ok\""));
            world.smoke("port", true, new SmokeProbe.Tcp(environment.port(), Set.of(Place.HOST)));
            world.smoke("door", true, new SmokeProbe.Tcp(proxy.port(), Set.of(Place.PUBLIC)));
            world.smoke(
                    "files", true, new SmokeProbe.InService(APP, List.of("sh", "-c", "cat /www/health >/dev/null")));
            world.smoke("journey", true, new SmokeProbe.InJob(List.of("python3", "journey.py")));
            world.smoke("order", true, order());
            world.smoke("optional", false, http("/nowhere", Set.of(Place.HOST), Map.of(), "x"));

            DeployOutcome outcome = world.deploy(release);

            assertThat(outcome).as(world.log()).isInstanceOf(Deployed.class);
            assertThat(world.commands()).containsExactly("python3 journey.py");
            assertThat(world.log())
                    .contains(
                            "smoke front-page ok",
                            "smoke port ok",
                            "smoke door ok",
                            "smoke files ok",
                            "smoke journey ok")
                    .contains("public health ok", "public version ok", "smoke account ok", "smoke order ok")
                    .contains("warning: smoke optional: status 404")
                    .doesNotContain("the token of smoke checks");

            int before = world.log().length();
            assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Unchanged.class);
            assertThat(world.commands()).hasSize(1);
            assertThat(world.log().substring(before))
                    .contains("smoke account ok", "public version ok")
                    .doesNotContain("smoke files", "smoke journey", "smoke order");
        }

        assertThat(world.deploy(release)).as("the proxy is gone").isInstanceOfSatisfying(NoLongerWell.class, unwell -> {
            assertThat(unwell.cause().saw()).contains("public health:", "nobody listens there", "nothing was changed");
            assertThat(unwell.cause().next()).contains("look at what stands before them");
        });
    }

    @Test
    void aCertificateThatNobodySignedFailsAtOnceAndPutsAllHostsBack(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("tls").on("web-1", "web-2").create();
        DeployWorld world = world(testbed, environment);
        world.rollout(new RolloutRule(1, 1, RolloutRule.OnFailure.ROLL_BACK_FAILED));
        Release first = environment.release();
        Release second = environment.release();
        try (Nginx proxy = proxy(environment, "localhost", "x")) {
            publish(world, proxy, Optional.of("localhost-ca.pem"));
            assertThat(world.deploy(first)).as(world.log()).isInstanceOf(Deployed.class);
            publish(world, proxy, Optional.empty());

            DeployOutcome outcome = world.deploy(second);

            assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
            Failure cause = outcome.failure().orElseThrow();
            assertThat(cause.saw())
                    .contains("public health:", "certificate")
                    .contains("asked:", "https://localhost:" + proxy.port() + "/health")
                    .contains("every host by itself answered well")
                    .contains("every changed host runs its last verified release again");
            assertThat(cause.next()).contains("DNS, balancer, proxy, certificate");
            assertThat(world.log()).contains("does not answer well in public either");
        }
        for (TargetHost host : environment.hosts()) {
            assertThat(environment.answer(host)).contains(first.tag());
        }
    }

    /** One host of two serves it, and the other one an older version: as a proxy with a cache, or a lost replica. */
    @Test
    void anOldReplicaBehindTheBalancerIsFound(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("stale").create();
        DeployWorld world = world(testbed, environment);
        world.deadline(Duration.ofSeconds(6));
        Release release = environment.release();
        String app = "http://%s:%d".formatted(environment.hosts().getFirst().address(), environment.port());
        Nginx.certificate(directory, "localhost", "localhost");
        try (Nginx proxy =
                Nginx.start(directory, port -> """
                upstream app { server %1$s; server 127.0.0.1:%2$d; }
                server { listen 127.0.0.1:%3$d ssl; ssl_certificate localhost.pem; ssl_certificate_key localhost.key;
                  location / { proxy_pass http://app; } }
                server { listen 127.0.0.1:%2$d; location / { return 200 '{"version": "0ld"}'; } }
                """.formatted(app.substring("http://".length()), port + 1, port))) {
            publish(world, proxy, Optional.of("localhost-ca.pem"));

            DeployOutcome outcome = world.deploy(release);

            assertThat(outcome.failure().orElseThrow().saw())
                    .as(world.log())
                    .contains(
                            "public version:",
                            "not always the same version: the answer says \"0ld\"",
                            "wanted: version \"" + release.tag());
        }
    }

    @Test
    void aFailedSmokeCheckExplainsItselfAndPutsTheLastReleaseBack(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("smokeless").create();
        DeployWorld world = world(testbed, environment);
        Release first = environment.release();
        world.deploy(first);
        world.smoke(
                "doctor",
                true,
                new SmokeProbe.InService(
                        APP,
                        List.of("sh", "-c", "echo no database; echo \"password $DATABASE_PASSWORD\" >&2; exit 3")));

        DeployOutcome outcome = world.deploy(environment.release());

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(outcome.failure().orElseThrow().saw())
                .contains("smoke doctor: ended with exit code 3", "| no database", "| password [MASKED]")
                .contains("wanted: exit code 0", "web-1, in a container of app");
        assertThat(world.log())
                .contains("container \"" + environment.name() + "-app-1\" is running")
                .doesNotContain(environment.databasePassword());
        assertThat(environment.answer(environment.hosts().getFirst())).contains(first.tag());
    }

    @Test
    void whatDoesNotEndInTimeAndWhatFailsInTheJobsContainerIsTold(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("slow").create();
        DeployWorld world = world(testbed, environment);
        world.smoke("sleeper", false, new SmokeProbe.InService(APP, List.of("sleep", "60")));
        world.smoke("nothing", false, new SmokeProbe.InService(APP, List.of("no-such-program")));
        world.smoke("journey", true, new SmokeProbe.InJob(List.of("journey")));
        world.commandsEnd(1, "step 3 of 7: cart is empty\n");

        DeployOutcome outcome = world.deploy(environment.release());

        assertThat(outcome.failure().orElseThrow().saw())
                .as(world.log())
                .contains(
                        "smoke journey: ended with exit code 1", "| step 3 of 7: cart is empty", "the job's container");
        assertThat(world.log())
                .contains("warning: smoke sleeper: did not end in 5.0 s")
                .contains("warning: smoke nothing: ended with exit code 12");
    }

    @Test
    void whatCrashesWithinTheStabilityWindowIsPutBack(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("unstable").create();
        DeployWorld world = world(testbed, environment);
        world.stability(Duration.ofSeconds(9));
        Release first = environment.release();
        assertThat(world.deploy(first)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(world.log()).contains("stable for 9 s");

        DeployOutcome outcome = world.deploy(environment.release(AppVariant.CRASHES_LATER));

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(outcome.failure().orElseThrow().saw()).contains("containers:");
        assertThat(world.log()).contains("| out of ideas");
        assertThat(environment.answer(environment.hosts().getFirst())).contains(first.tag());
    }

    @Test
    void aPublicUrlThatThePolicyDoesNotNameIsNotAsked(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("elsewhere").create();
        DeployWorld world = world(testbed, environment);
        world.url(URI.create("http://127.0.0.1:1"), CheckRule.DEFAULT);

        DeployOutcome outcome = world.deploy(environment.release());

        assertThat(outcome.failure().orElseThrow().saw())
                .contains("public health: the policy does not let this machine ask it");
    }

    @Test
    void aContainerThatIsGoneIsAFailedCheckAndNoDeployThatChangedNothing(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("gone").create();
        DeployWorld world = world(testbed, environment);
        Release first = environment.release();
        world.smoke("opinion", false, new SmokeProbe.InJob(List.of("opinion")));
        world.commandsFail(new ExecutorException(new Failure(
                FailureCode.ENGINE_FAILED, "run the script", "container", "it does not exist any more", "Retry.")));

        assertThat(world.deploy(first)).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(world.log()).contains("warning: smoke opinion: it does not exist any more");

        world.smoke("journey", true, new SmokeProbe.InJob(List.of("journey")));
        DeployOutcome outcome = world.deploy(environment.release());

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(outcome.failure().orElseThrow().saw()).contains("smoke journey: it does not exist any more");
        assertThat(environment.answer(environment.hosts().getFirst())).contains(first.tag());
    }

    private static SmokeProbe order() {
        return new SmokeProbe.Http(
                "/account",
                "POST",
                new TreeMap<>(Map.of("X-Token", "{SMOKE_TOKEN}")),
                Optional.of("{}"),
                new TreeSet<>(),
                new TreeMap<>(Map.of("/account", "ok")),
                Optional.empty(),
                Optional.empty(),
                Set.of(Place.PUBLIC),
                true);
    }

    private static SmokeProbe http(String path, Set<Place> from, Map<String, String> headers, String matches) {
        return new SmokeProbe.Http(
                path,
                "GET",
                new TreeMap<>(headers),
                Optional.empty(),
                new TreeSet<>(),
                new TreeMap<>(),
                Optional.of(matches),
                Optional.of(Duration.ofSeconds(4)),
                from,
                false);
    }

    /** Its application answers on every address of its hosts, as behind a balancer. */
    private static DeployWorld world(Testbed testbed, DeployEnvironment environment) {
        DeployWorld world = new DeployWorld(testbed, environment);
        world.compose(world.compose().replace("127.0.0.1:", ""));
        return world;
    }

    private void publish(DeployWorld world, Nginx proxy, Optional<String> caFile) {
        world.url(
                URI.create("https://localhost:" + proxy.port()),
                new CheckRule(List.of("localhost:" + proxy.port()), caFile.map(directory::resolve), Duration.ZERO));
    }

    /** Balances over the environment's hosts, with TLS; {@code /account} wants a token. */
    private Nginx proxy(DeployEnvironment environment, String name, String token) throws Exception {
        Nginx.certificate(directory, "localhost", name);
        String hosts = environment.hosts().stream()
                .map(host -> "server %s:%d;".formatted(host.address(), environment.port()))
                .collect(Collectors.joining(" "));
        return Nginx.start(directory, port -> """
                upstream app { %s }
                server {
                  listen 127.0.0.1:%d ssl; ssl_certificate localhost.pem; ssl_certificate_key localhost.key;
                  location = /account { if ($http_x_token != "%s") { return 401; } return 200 '{"account": "ok"}'; }
                  location / { proxy_pass http://app; }
                }
                """.formatted(hosts, port, token));
    }
}
