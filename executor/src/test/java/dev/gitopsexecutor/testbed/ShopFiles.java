package dev.gitopsexecutor.testbed;

import java.util.List;
import java.util.Map;

/** The files of the application's repository, as in examples/shop, for the environments of one port. */
final class ShopFiles {
    static final String IMAGE = Registry.ADDRESS + "/" + AppImages.REPOSITORY;

    private ShopFiles() {}

    /** @param environments all with the same port and Compose project */
    static Map<String, String> of(List<EnvironmentSpec> environments) {
        EnvironmentSpec first = environments.getFirst();
        return Map.of(
                "compose.yaml", compose(first.port()),
                ".gitops/deploy.yaml", deploy(first, environments),
                ".gitlab-ci.yml", ci(first));
    }

    private static String compose(int port) {
        return """
                services:
                  app:
                    image: %s
                    ports: ["127.0.0.1:%d:8080"]
                    restart: unless-stopped
                """.formatted(IMAGE, port);
    }

    private static String deploy(EnvironmentSpec first, List<EnvironmentSpec> environments) {
        StringBuilder entries = new StringBuilder();
        for (EnvironmentSpec environment : environments) {
            entries.append("""
                      %s:
                        values:
                          LOG_LEVEL: debug
                        secrets:
                          DATABASE_PASSWORD: %s#database_password
                    """.formatted(environment.name(), environment.secretPath()));
        }
        return """
                version: 1

                compose: compose.yaml
                project: %s

                services:
                  app:
                    image: %s:{commit_short}

                environments:
                %s
                checks:
                  health:
                    url: http://127.0.0.1:%d/health
                    deadline: 20s
                  version:
                    pointer: /version
                """.formatted(first.project(), IMAGE, entries, first.port());
    }

    private static String ci(EnvironmentSpec environment) {
        return """
                deploy:
                  stage: deploy
                  tags: [gitops-deploy]
                  image: %s
                  environment: %s
                  id_tokens:
                    VAULT_ID_TOKEN:
                      aud: gitops-executor
                  script:
                    - echo "deploying $CI_COMMIT_SHORT_SHA"
                """.formatted(Images.JOB, environment.name());
    }
}
