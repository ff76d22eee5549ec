package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.Nginx;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.Testbed;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Smoke checks and public URLs, from the committed file to the job's log, as the runner starts it all. */
@RealParts
class SmokeJobIT {
    private static final String CHECKS = "checks:\n";

    @TempDir
    private Path directory;

    @Test
    void whatTheCommittedFileAsksForIsCheckedOnHostsInPublicAndInTheJobsContainer(Testbed testbed) throws Exception {
        Nginx.certificate(directory, "shop", "localhost");
        try (Nginx proxy = Nginx.start(directory, port -> """
                server {
                  listen 127.0.0.1:%d ssl; ssl_certificate shop.pem; ssl_certificate_key shop.key;
                  location = /health { return 200 '{"status": "ok"}'; }
                  location = /orders { return 200 '{"total": 7}'; }
                }
                """.formatted(port))) {
            DeployEnvironment environment = testbed.newEnvironment("smoke-job")
                    .rules(
                            "checks:",
                            "  public_hosts: [\"localhost:%d\"]".formatted(proxy.port()),
                            "  ca_file: " + directory.resolve("shop-ca.pem"),
                            "  stability: 3s")
                    .create();
            Release release = release(environment, proxy, """
                      smoke:
                        orders: {path: /orders, from: public, json: {/total: 7}}
                        files: {command: [sh, -c, 'test -e /www/health'], service: app}
                        journey: {command: [sh, -c, 'echo "at $GITOPS_URL, $GITOPS_VERSION, $PWD"; test -e compose.yaml && touch smoked']}
                        opinion: {command: [sh, -c, 'echo not nice; exit 4'], blocking: false}
                    """);

            JobResult result = environment.runner().run(environment.job(release));

            assertThat(result.status()).as(result.log()).isEqualTo(SUCCESS);
            assertThat(result.log())
                    .contains("smoke files ok", "public health ok", "smoke orders ok", "smoke journey ok")
                    .contains("warning: smoke opinion: ended with exit code 4", "| not nice")
                    .contains("stable for 3 s");

            Release broken = release(environment, proxy, """
                      smoke:
                        journey: {command: [sh, -c, 'echo "no order at $GITOPS_URL as $GITOPS_VERSION in $GITOPS_ENVIRONMENT"; exit 9']}
                    """);
            JobResult failed = environment.runner().run(environment.job(broken));

            assertThat(failed.status()).as(failed.log()).isEqualTo(SCRIPT_FAILURE);
            assertThat(failed.log())
                    .contains("smoke journey: ended with exit code 9")
                    .contains("| no order at https://localhost:%d as %s in %s"
                            .formatted(proxy.port(), broken.tag(), environment.name()))
                    .contains("asked:  the job's container");
            assertThat(environment.answer(environment.hosts().getFirst())).contains(release.tag());
        }
    }

    @Test
    void aPublicUrlThatThePolicyDoesNotNameIsDeniedBeforeAnythingIsRead(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("smoke-denied").create();
        Release release = environment.release(
                AppVariant.HEALTHY, "develop", edit(text -> withUrl(text, "http://169.254.169.254")));

        JobResult result = environment.runner().run(environment.job(release));

        assertThat(result.status()).as(result.log()).isEqualTo(SCRIPT_FAILURE);
        assertThat(result.log())
                .contains("POLICY_DENIED", "public_url", "http://169.254.169.254/health", "checks.public_hosts")
                .doesNotContain("Reading secrets");
    }

    private static Release release(DeployEnvironment environment, Nginx proxy, String smoke) throws Exception {
        return environment.release(
                AppVariant.HEALTHY,
                "develop",
                edit(text -> withUrl(text, "https://localhost:" + proxy.port())
                        .replaceFirst("(?s)  version:\\R    pointer: /version\\R", "")
                        .replace(CHECKS, CHECKS + smoke)));
    }

    private static String withUrl(String text, String url) {
        return text.replaceFirst("(?m)^( +)values:", "$1url: %s\n$1values:".formatted(url));
    }

    private static UnaryOperator<Map<String, String>> edit(UnaryOperator<String> change) {
        return files -> {
            files.compute(".gitops/deploy.yaml", (_, text) -> change.apply(String.valueOf(text)));
            return files;
        };
    }
}
