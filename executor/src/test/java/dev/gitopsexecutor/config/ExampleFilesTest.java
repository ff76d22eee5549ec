package dev.gitopsexecutor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.ServiceName;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Example, schema and reader of each file say the same. */
class ExampleFilesTest {

    @ParameterizedTest
    @EnumSource
    void readerAndSchemaAcceptTheExample(Example example) {
        assertThat(example.read(example.text())).isNotNull();
        assertThat(example.schemaErrors(example.text())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void readerAndSchemaKnowEveryOptionalKeyThatTheExampleShows(Example example) {
        String full = example.textWithOptionalKeys();

        assertThat(full).isNotEqualTo(example.text());
        assertThat(example.read(full)).isNotNull();
        assertThat(example.schemaErrors(full)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"POLICY", "DEPLOY"})
    void optionalKeysShowTheirDefaults(Example example) {
        assertThat(example.read(example.textWithOptionalKeys())).isEqualTo(example.read(example.text()));
    }

    @ParameterizedTest
    @EnumSource
    void theExampleShowsEveryKeyOfTheSchema(Example example) {
        Set<String> keys = new LinkedHashSet<>();
        collectKeys(example.schema(), keys);

        assertThat(keys)
                .isNotEmpty()
                .allSatisfy(
                        key -> assertThat(example.textWithOptionalKeys()).containsPattern("(?m)(^|[ {])" + key + ":"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EXECUTOR | version: 1 | version: 2 | executor.yaml:3:10: version: \"2\": write 1",
                "EXECUTOR | version: 1 | version: one | executor.yaml:3:10: version: wanted a whole number, saw text",
                "EXECUTOR | audience: gitops | audiance: gitops | gitlab.audiance: unknown key; did you mean \"audience\"?",
                "EXECUTOR | audience: gitops-executor | # | gitlab.audience: missing; write it, as in the example",
                "EXECUTOR | audience: gitops-executor | audience: 5 | gitlab.audience: wanted text, saw a number; write \"5\" in quotes",
                "EXECUTOR | audience: gitops-executor | audience: null | gitlab.audience: wanted text, saw nothing",
                "EXECUTOR | audience: gitops-executor | audience: [a] | gitlab.audience: wanted text, saw a list",
                "EXECUTOR | https://gitlab.example.com   | http://gitlab.example.com | write an https:// URL, or http:// on a loopback address",
                "EXECUTOR | https://gitlab.example.com   | http://127.0.0.1.evil.com | write an https:// URL, or http:// on a loopback address",
                "EXECUTOR | https://gitlab.example.com   | https://user:pw@gitlab.example.com | gitlab.url: \"…@gitlab.example.com\" carries a user; write the URL without",
                "EXECUTOR | https://vault.example.com | ftp://vault | vault.address: \"ftp://vault\": write an https:// URL",
                "EXECUTOR | helper_image: gitops-executor/helper:1 | helper_image: Upper/Case | docker.helper_image: \"Upper/Case\" is not an image repository",
                "EXECUTOR | # helper_network: bridge | helper_network: host | docker.helper_network: \"host\": write the name of a Docker network",
                "EXECUTOR | # helper_network: bridge | helper_network: none | docker.helper_network: \"none\": write the name of a Docker network",
                "EXECUTOR | # helper_network: bridge | helper_network: default | docker.helper_network: \"default\": write the name of a Docker network",
                "EXECUTOR | # helper_network: bridge | helper_network: 'container:x' | docker.helper_network: \"container:x\": write the name of a Docker network",
                "EXECUTOR | # helper_network: bridge | helper_network: '' | docker.helper_network: \"\": write the name of a Docker network",
                "EXECUTOR | helper_image: gitops-executor/helper:1 | socket: var/run | docker.socket: \"var/run\": write an absolute path",
                "EXECUTOR | # gitlab_runner: /usr | gitlab_runner: usr | docker.gitlab_runner: \"usr/bin/gitlab-runner\": write an absolute path",
                "EXECUTOR | # keep_cache: 168h | keep_cache: 7d | docker.keep_cache: \"7d\": write a number and ms, s, m or h",
                "EXECUTOR | # policy_file: /etc | policy_file: /etc/.. | policy_file: \"/etc/../gitops-executor/policy.yaml\": write an absolute path",
                "EXECUTOR | # limits: | limits: {memory: 512MB} | limits.memory: \"512MB\": write a number and KiB, MiB or GiB, such as 512MiB",
                "EXECUTOR | # limits: | limits: {cpus: lots} | limits.cpus: wanted a number, saw text",
                "EXECUTOR | # limits: | limits: {pids: 3} | limits.pids: \"3\": write 16 to 1000000",
                "EXECUTOR | # limits: | limits: [] | limits: wanted a map of keys, saw a list",
                "EXECUTOR | # own_identity: | own_identity: {role_id: a b, secret_id_file: /x} | vault.own_identity.role_id: \"a b\"",
                "EXECUTOR | # own_identity: | own_identity: {role_id: ab, secret_id_file: x} | vault.own_identity.secret_id_file: \"x\": write an absolute path",
                "EXECUTOR | # own_identity: | own_identity: {role_id: ab} | vault.own_identity.secret_id_file: missing",
                "EXECUTOR | # notifiers: | notifiers: {ops: {}} # | notifiers.ops.slack: write one of slack, telegram, webhook, email here, and one alone",
                "EXECUTOR | # notifiers: | notifiers: {Ops!: {slack: {webhook_file: /x}}} # | notifiers.Ops!: \"Ops!\" is not a notifier's name",
                "EXECUTOR | # notifiers: | notifiers: {ops: {slack: {}}} # | notifiers.ops.slack.webhook_file: missing; write `webhook_file` or `webhook_secret`",
                "EXECUTOR | # notifiers: | notifiers: {ops: {telegram: {token_file: /x, chat: 5}}} # | notifiers.ops.telegram.chat: wanted text, saw a number; write \"5\" in quotes",
                "EXECUTOR | # notifiers: | notifiers: {ops: {webhook: {url: 'http://hooks.example.com', key_file: /x}}} # | notifiers.ops.webhook.url: \"http://hooks.example.com\": write an https:// URL",
                "EXECUTOR | # notifiers: | notifiers: {ops: {webhook: {url: 'https://h', key_file: /x, key_secret: a#b}}} # | notifiers.ops.webhook.key_secret: contradicts `key_file`; keep one",
                "EXECUTOR | # notifiers: | notifiers: {ops: {email: {server: m, user: u, from: a@b.de, to: [a@b.de]}}} # | notifiers.ops.email.password_file: missing; write `password_file` or `password_secret`",
                "EXECUTOR | # notifiers: | notifiers: {ops: {email: {server: m, from: 'A <a@b.de>', to: [a@b.de]}}} # | notifiers.ops.email.from: \"A <a@b.de>\": write an address alone",
                "EXECUTOR | # notifiers: | notifiers: {ops: {email: {server: m, from: a@b.de, to: []}}} # | notifiers.ops.email.to: the list is empty",
                "POLICY | # way_back: best_effort | notify: [ops] # | environments.staging.notify[0]: wanted a map of keys, saw a single value",
                "POLICY | # way_back: best_effort | notify: [{to: ops, on: [always]}] # | environments.staging.notify[0].on[0]: \"always\": write one of started, succeeded, failed, rolled_back, denied, drift",
                "POLICY | # way_back: best_effort | notify: [{to: ops, mention: ['<!channel>']}] # | environments.staging.notify[0].mention[0]: \"<!channel>\": write @here",
                "EXECUTOR | vault: | vautl: | vault: missing; write it, as in the example",
                "POLICY | tier: staging | tier: prod | environments.staging.tier: \"prod\": write one of development, testing, staging, production",
                "POLICY | staging: | Staging: | environments.Staging: \"Staging\" is not an environment name",
                "POLICY | projects: [22] | projects: [] | environments.staging.projects: the list is empty, which would allow nothing; name at least one",
                "POLICY | projects: [22] | projects: 22 | environments.staging.projects: wanted a list; write [one, two]",
                "POLICY | projects: [22] | projects: [0] | environments.staging.projects[0]: \"0\": write 1 to",
                "POLICY | projects: [22] | projects: [shop/app] | environments.staging.projects[0]: wanted a whole number, saw text",
                "POLICY | refs/heads/develop | develop | environments.staging.refs[0]: \"develop\": write a full ref path, such as refs/heads/main",
                "POLICY | [refs/heads/develop] | ['refs/heads/**'] | \"refs/heads/**\": write * for a part of one path segment; ** is not known",
                "POLICY | tier: production | tier: production\\n    require_protected_ref: false | environments.production.require_protected_ref: must stay true in production; remove the line",
                "POLICY | tier: production | tier: production\\n    require_own_ci_config: false | environments.production.require_own_ci_config: must stay true in production; remove the line",
                "POLICY | tier: production | tier: production\\n    pipeline_sources: [push, merge_request_event] | environments.production.pipeline_sources: merge_request_event runs what nobody has merged",
                "POLICY | tier: production | tier: production\\n    pipeline_sources: [] | environments.production.pipeline_sources: the list is empty, which would allow nothing",
                "POLICY | tier: production | tier: production\\n    pipeline_sources: [Push] | environments.production.pipeline_sources[0]: \"Push\": write a pipeline source in GitLab's words",
                "POLICY | starters: {users: [5], roles: [maintainer, owner]} | starters: {} | environments.production.starters.users: it would be nobody; write `users` or `roles`",
                "POLICY | roles: [maintainer, owner] | roles: [boss] | environments.production.starters.roles[0]: \"boss\": write one of guest, planner, reporter, developer, maintainer, owner",
                "POLICY | {users: [5], | {users: [dana], | environments.production.starters.users[0]: wanted a whole number, saw text",
                "POLICY | break_glass: {users: [5]} | break_glass: {} | environments.production.break_glass.users: it would be nobody",
                "POLICY | namespaces: [7] | namespaces: [shop] | environments.production.namespaces[0]: wanted a whole number, saw text",
                "POLICY | promotes_from: staging | # | environments.production.promotes_from: missing; name the environment in which its images are proven first",
                "POLICY | # soak: 1h | soak: 1d | environments.production.soak: \"1d\": write a number and ms, s, m or h",
                "POLICY | tier: production | tier: production\\n    outdated: allow | environments.production.outdated: must stay refuse in production; remove the line",
                "POLICY | tier: production | tier: production\\n    without_gitlab: allow | environments.production.without_gitlab: must stay deny in production; remove the line",
                "POLICY | # start: automatic | start: sometimes | environments.staging.start: \"sometimes\": write one of automatic, manual",
                "POLICY | # outdated: refuse | soak: 1h | environments.staging.soak: means nothing without `promotes_from`; remove the line",
                "POLICY | memory: 512MiB | memory: 512MB | environments.staging.limits.memory: \"512MB\": write a number and KiB, MiB or GiB",
                "POLICY | 2026-12-23 18:00 | 23.12.2026 | environments.production.freezes.holidays.from: \"23.12.2026\": write a date such as 2026-12-23 18:00, or a time of the week such as fri 16:00",
                "EXECUTOR | # runner_ids: [12] | runner_ids: [] | gitlab.runner_ids: the list is empty, which would allow nothing",
                "EXECUTOR | # api_token_file: /etc | api_token_file: /etc | gitlab.api_token_file: means nothing without `confirm_jobs: true`; write that too",
                "POLICY | - gitops-executor/job:1 | - gitops-executor/job | environments.staging.job_images[0]: \"gitops-executor/job\": write the tag or the digest too",
                "POLICY | - registry.example.com/shop/app | - registry.example.com/shop/app:1 | write the repository alone, \"registry.example.com/shop/app\"",
                "POLICY | user: deploy | user: -oProxy | environments.staging.hosts.web-1.user: \"-oProxy\": write a user name of the host",
                "POLICY | 10.0.0.11 | -oProxyCommand=x | environments.staging.hosts.web-1.address: \"-oProxyCommand=x\": write a DNS name or an IP address",
                "POLICY | # port: 22 | port: 70000 | environments.staging.hosts.web-1.port: \"70000\": write 1 to 65535",
                "POLICY | host_key: ssh-ed25519 | host_key: ssh-dss | host_key: \"ssh-dss AAAA",
                "POLICY | ssh_key_file: /etc | ssh_key_file: etc | environments.staging.ssh_key_file: \"etc/gitops-executor/ssh/staging\": write an absolute path",
                "POLICY | host_key: ssh-ed25519 | host_ca: ssh-dss | host_ca: \"ssh-dss AAAA",
                "POLICY | host_key: | # | environments.staging.hosts.web-1.host_key: missing; write `host_key` or `host_ca`",
                "POLICY | user: deploy | user: deploy\\n        host_ca: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMKBN8xyMIx9h3mxNCUBqLLVDUBBPqXkEa8lYwNXdD0 | environments.staging.hosts.web-1.host_ca: contradicts `host_key`; keep one",
                "POLICY | ssh_key_file: | # | environments.staging.ssh_key_file: missing; write `ssh_key_file` or `ssh_key_secret` or `ssh_certificate`",
                "POLICY | ssh_key_file: | ssh_certificate: {role: shop}\\n    ssh_key_file: | environments.staging.ssh_certificate: contradicts `ssh_key_file`; keep one",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_key_file: /etc/gitops-executor/ssh/staging\\n    ssh_key_secret: a#b\\n    ssh_certificate: {role: shop} | environments.staging.ssh_certificate: contradicts `ssh_key_file` and `ssh_key_secret`; keep one",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_key_secret: shop/../ssh#key | environments.staging.ssh_key_secret: \"shop/../ssh#key\": the path is not names",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_key_secret: shop/ssh | environments.staging.ssh_key_secret: \"shop/ssh\": a secret is written path#key",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_certificate: {role: ..} | environments.staging.ssh_certificate.role: \"..\": write the name of a role",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_certificate: {roles: shop} | environments.staging.ssh_certificate.roles: unknown key; did you mean \"role\"?",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_certificate: {mount: ../ssh, role: shop} | environments.staging.ssh_certificate.mount: \"../ssh\": write names",
                "POLICY | directory: /opt/shop | directory: /opt/../root | environments.staging.directory: \"/opt/../root\": write an absolute path",
                "POLICY | directory: /opt/shop | directory: / | environments.staging.directory: \"/\": write an absolute path",
                "POLICY | paths: [shop/staging] | paths: [shop/../staging] | environments.staging.vault.paths[0]: \"shop/../staging\": write names",
                "POLICY | paths: [shop/staging] | paths: [shop//staging] | environments.staging.vault.paths[0]: \"shop//staging\": write names",
                "POLICY | credentials: shop/registry | credential: shop/registry | environments.staging.registry.credential: unknown key; did you mean \"credentials\"?",
                "POLICY | # secret_age: {notice_days: 75 | secret_age: {notice_days: 0 | environments.staging.secret_age.notice_days: \"0\": write 1 to 3650",
                "POLICY | block_days: 180 | block_days: 3651 | environments.production.secret_age.block_days: \"3651\": write 1 to 3650",
                "POLICY | # rollout: {canary: 0 | rollout: {canary: -1 | environments.staging.rollout.canary: \"-1\": write 0 to 1000",
                "POLICY | # rollout: {canary: 0, max_parallel: 1 | rollout: {max_parallel: 0 | environments.staging.rollout.max_parallel: \"0\": write 1 to 1000",
                "POLICY | # rollout: {canary: 0, max_parallel: 1, on_failure: roll_back | rollout: {on_failure: ignore | environments.staging.rollout.on_failure: \"ignore\": write one of roll_back, roll_back_failed, stop",
                "POLICY | # rollout: {canary: 0 | rollout: {canery: 0 | environments.staging.rollout.canery: unknown key; did you mean \"canary\"?",
                "POLICY | block_days: 180 | blok_days: 180 | environments.production.secret_age.blok_days: unknown key; did you mean \"block_days\"?",
                "POLICY | # way_back: best_effort | way_back: maybe | environments.staging.way_back: \"maybe\": write one of required, best_effort",
                "POLICY | # or with checks: {public_hosts: [staging.shop.example.com] | checks: {public_hosts: [https://shop] | environments.staging.checks.public_hosts[0]: \"https://shop\": write the host of a URL in small letters",
                "POLICY | # or with checks: {public_hosts: [staging.shop.example.com] | checks: {public_hosts: [] | environments.staging.checks.public_hosts: the list is empty",
                "POLICY | # or with checks: {public_hosts: [staging.shop.example.com], ca_file: /etc/gitops-executor/shop-ca.pem, stability: 10s} | checks: {stability: 10} | environments.staging.checks.stability: wanted text, saw a number",
                "POLICY | # or with checks: {public_hosts: [staging.shop.example.com] | checks: {hosts: [a] | environments.staging.checks.hosts: unknown key",
                "DEPLOY | # or with url: https://staging.shop.example.com | url: https://staging.shop.example.com/app | environments.staging.url: \"https://staging.shop.example.com/app\": write a URL without path",
                "DEPLOY | # or with url: https://staging.shop.example.com | url: ftp://staging.shop.example.com | environments.staging.url: \"ftp://staging.shop.example.com\": write a URL",
                "DEPLOY | # or with url: https://staging.shop.example.com | url: https://user@staging.shop.example.com | environments.staging.url: \"…@staging.shop.example.com\" carries a user",
                "DEPLOY | # or with public_path: /healthz | public_path: healthz | checks.health.public_path: \"healthz\": write a path with its query",
                "DEPLOY | # or with public_path: /healthz | public_path: //evil | checks.health.public_path: \"//evil\": write a path with its query",
                "DEPLOY | # required: true | required: maybe | checks.version.required: wanted true or false, saw text",
                "DEPLOY | # stability: 2s | stability: 2d | checks.stability: \"2d\": write a number and ms, s, m or h",
                "DEPLOY | front-page: {path: /} | Front: {path: /} | checks.smoke.Front: \"Front\": write a name of small letters",
                "DEPLOY | front-page: {path: /} | front-page: {path: x} | checks.smoke.front-page.path: \"x\": write a path with its query",
                "DEPLOY | front-page: {path: /} | front-page: {path: '/a^b'} | checks.smoke.front-page.path: \"/a^b\": write a path with its query",
                "DEPLOY | front-page: {path: /} | front-page: {path: /%zz} | checks.smoke.front-page.path: \"/%zz\": write a path with its query",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, headers: {Keep-Alive: a}} | checks.smoke.front-page.headers.Keep-Alive: \"Keep-Alive\": write the name of a header",
                "DEPLOY | front-page: {path: /} | front-page: {} | checks.smoke.front-page.path: write one of path, tcp and command",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, tcp: 1} | checks.smoke.front-page.path: write one of path, tcp and command",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, method: get} | checks.smoke.front-page.method: \"get\": write GET, HEAD",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, headers: {Host: a}} | checks.smoke.front-page.headers.Host: \"Host\": write the name of a header",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, headers: {'A B': a}} | checks.smoke.front-page.headers.A B: \"A B\": write the name of a header",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, status: []} | checks.smoke.front-page.status: the list is empty",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, status: [99]} | checks.smoke.front-page.status[0]: \"99\": write 200 to 599",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, json: {total: 1}} | checks.smoke.front-page.json.total: \"total\": write a JSON pointer",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, latency: fast} | checks.smoke.front-page.latency: \"fast\": write a number and ms",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, from: web-1} | checks.smoke.front-page.from: \"web-1\": write one of host, public, both",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, retries: 21} | checks.smoke.front-page.retries: \"21\": write 0 to 20",
                "DEPLOY | front-page: {path: /} | front-page: {path: /, blocking: often} | checks.smoke.front-page.blocking: wanted true or false",
                "DEPLOY | front-page: {path: /} | database: {tcp: 70000} | checks.smoke.database.tcp: \"70000\": write 1 to 65535",
                "DEPLOY | front-page: {path: /} | database: {tcp: 5432, path: /x} | checks.smoke.database.path: write one of path, tcp and command",
                "DEPLOY | front-page: {path: /} | console: {command: []} | checks.smoke.console.command: the list is empty",
                "DEPLOY | front-page: {path: /} | console: {command: ls} | checks.smoke.console.command: wanted a list",
                "DEPLOY | front-page: {path: /} | console: {command: [ls], retries: 1} | checks.smoke.console.retries: what changes something, or may, is done once",
                "DEPLOY | front-page: {path: /} | console: {command: [ls], from: both} | checks.smoke.console.from: unknown key",
                "DEPLOY | # or with without: [DEBUG_TOKEN] | without: [] | environments.production.without: the list is empty",
                "DEPLOY | # or with without: [DEBUG_TOKEN] | without: [1LOG] | environments.production.without[0]: \"1LOG\" is not a variable name",
                "DEPLOY | # or with latest_on_rollback: [DATABASE_PASSWORD] | latest_on_rollback: [1LOG] | environments.production.latest_on_rollback[0]: \"1LOG\" is not a variable name",
                "DEPLOY | # or with schema: {version: 12, oldest: 10} | schema: {version: 12} | schema.oldest: missing",
                "DEPLOY | # or with schema: {version: 12, oldest: 10} | schema: {version: -1, oldest: 0} | schema.version: \"-1\": write 0 to 9007199254740991",
                "DEPLOY | compose: compose.yaml | compose: ../compose.yaml | compose: \"../compose.yaml\": write a path within the repository, such as compose.yaml",
                "DEPLOY | compose: compose.yaml | compose: /etc/passwd | compose: \"/etc/passwd\": write a path within the repository",
                "DEPLOY | project: shop | project: Shop | project: \"Shop\" is not a Compose project name",
                "DEPLOY | app:{commit_short} | app | services.app.image: \"registry.example.com/shop/app\": write the tag too, such as :{commit_short}",
                "DEPLOY | app:{commit_short} | app:{branch} | write {commit} or {commit_short}; other placeholders are not known",
                "DEPLOY | LOG_LEVEL: debug | 1LOG: debug | environments.staging.values.1LOG: \"1LOG\" is not a variable name",
                "DEPLOY | LOG_LEVEL: debug | LOG_LEVEL: [a] | environments.staging.values.LOG_LEVEL: wanted a value, saw a list",
                "DEPLOY | LOG_LEVEL: debug | LOG_LEVEL: null | environments.staging.values.LOG_LEVEL: wanted a value, saw nothing",
                "DEPLOY | LOG_LEVEL: debug | COMPOSE_FILE: x | environments.staging.values.COMPOSE_FILE: \"COMPOSE_FILE\": COMPOSE_* and DOCKER_* would steer Compose itself",
                "DEPLOY | shop/staging#database_password | shop/staging | a secret is written path#key",
                "DEPLOY | shop/staging#database_password | shop/../production#x | the path is not names",
                "DEPLOY | shop/staging#database_password | shop/%2e%2e/production#x | the path is not names",
                "DEPLOY | shop/staging#database_password | shop/staging#a#b | the key is not a name",
                "DEPLOY | http://127.0.0.1:8080/health | http://10.0.0.1/health | checks.health.url: \"http://10.0.0.1/health\": write an http:// URL on 127.0.0.1 or localhost",
                "DEPLOY | http://127.0.0.1:8080/health | http://[::1]:8080/health | checks.health.url: \"http://[::1]:8080/health\": write an http:// URL on 127.0.0.1 or localhost",
                "DEPLOY | http://127.0.0.1:8080/health | https://localhost/health | checks.health.url: \"https://localhost/health\": write http://; TLS is not spoken",
                "DEPLOY | http://127.0.0.1:8080/health | http://127.0.0.1:70000/ | checks.health.url: \"http://127.0.0.1:70000/\": write a URL such as",
                "DEPLOY | http://127.0.0.1:8080/health | http://127.0.0.1:0/ | checks.health.url: \"http://127.0.0.1:0/\": write a URL such as",
                "DEPLOY | http://127.0.0.1:8080/health | http://127.0.0.1/gesundheit/ä | checks.health.url: \"http://127.0.0.1/gesundheit/ä\": write a URL such as",
                "DEPLOY | http://127.0.0.1:8080/health | file:///etc/passwd | checks.health.url: \"file:///etc/passwd\": write a URL such as",
                "DEPLOY | # deadline: 60s | deadline: 60 | checks.health.deadline: wanted text, saw a number; write \"60\" in quotes",
                "DEPLOY | # deadline: 60s | deadline: 1d | checks.health.deadline: \"1d\": write a number and ms, s, m or h, such as 60s",
                "DEPLOY | pointer: /version | pointer: version | checks.version.pointer: \"version\": write a JSON pointer",
                "DEPLOY | # job: false | job: yes | services.app.job: wanted true or false, saw text",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: [] | files: the list is empty",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: [../nginx] | files[0]: \"../nginx\": write a path within the repository",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: [nginx/./x] | files[0]: \"nginx/./x\": write a path within the repository",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: [.] | files[0]: \".\": write a path within the repository",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: [/etc/passwd] | files[0]: \"/etc/passwd\": write a path within the repository",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: ['a b'] | files[0]: \"a b\": write a path within the repository",
                "DEPLOY | health: | healht: | checks.healht: unknown key; did you mean \"health\"?",
            })
    void readerAndSchemaRefuse(Example example, String found, String replacement, String sentence) {
        String bad = replaceFirst(example.text(), found, replacement);

        assertThatThrownBy(() -> example.read(bad)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.failure().saw()).contains(sentence);
            assertThat(refused.blame()).isEqualTo(example == Example.DEPLOY ? Blame.JOB : Blame.SYSTEM);
        });
        assertThat(example.schemaErrors(bad)).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "# job: false | job: true | services: all are jobs; at least one must stay, to be asked for its health",
                "# job: false | job: false\\n  migrate: {image: a:1, job: true}\\n  web: {image: a:1} | checks.version.service: missing; with several services",
                "# job: false | job: false\\n  other: {image: a:1} | checks.version.service: missing; with several services",
            })
    void jobsDoNotAnswerForARelease(String found, String replacement, String sentence) {
        assertThatThrownBy(() -> Example.DEPLOY.read(replaceFirst(Example.DEPLOY.text(), found, replacement)))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw()).contains(sentence));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EXECUTOR | # notifiers: | notifiers: {ops: {slack: {webhook_secret: a#b}}} # | notifiers.ops.slack.webhook_secret: is read as the executor itself; write `vault.own_identity` too",
                "EXECUTOR | # notifiers: | notifiers: {ops: {email: {server: mail.example.com, tls: none, from: a@b.de, to: [a@b.de]}}} # | notifiers.ops.email.tls: mail crosses no network in the clear; write starttls or tls",
                "POLICY | # way_back: best_effort | notify: [{to: ops}, {to: ops}] # | environments.staging.notify[1].to: ops stands there twice; keep one",
            })
    void theReaderKnowsWhatNoSchemaCanSay(Example example, String found, String replacement, String sentence) {
        assertThatThrownBy(() -> example.read(replaceFirst(example.text(), found, replacement)))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw()).contains(sentence));
    }

    @Test
    void theVersionIsThatOfTheOneServiceThatStaysAndOfNoJob() {
        String migrate = replaceFirst(
                Example.DEPLOY.text(), "# job: false", "job: false\n  a-migrate: {image: 'a:1', job: true}");
        DeploySpec spec = (DeploySpec) Example.DEPLOY.read(migrate);
        assertThat(spec.jobs()).containsExactly(new ServiceName("a-migrate"));
        assertThat(spec.checks().version().orElseThrow().service()).isEqualTo(new ServiceName("app"));
        assertThatThrownBy(() -> Example.DEPLOY.read(replaceFirst(migrate, "# service: app", "service: a-migrate")))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("checks.version.service: is not one of the services above that stay"));
    }

    @Test
    void filesTravelFromTheDirectoryOfTheComposeFile() {
        String text = replaceFirst(Example.DEPLOY.text(), "compose: compose.yaml", "compose: deploy/app/compose.yaml");
        String files = "# or with files: [nginx/nginx.conf, nginx/conf.d]";
        assertThat(((DeploySpec) Example.DEPLOY.read(replaceFirst(text, files, "files: [deploy/app/nginx]"))).files())
                .containsExactly("deploy/app/nginx");
        assertThatThrownBy(() -> Example.DEPLOY.read(replaceFirst(text, files, "files: [deploy/application/nginx]")))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("files: \"deploy/application/nginx\" is not below \"deploy/app/\""));
    }

    @Test
    void aReleaseHasAHundredServicesAtMost() {
        String app = "  app:\n    image: registry.example.com/shop/app:{commit_short}";
        StringBuilder more = new StringBuilder();
        for (int number = 1; number < 100; number++) {
            more.append("  s%d:\n    image: a:1\n".formatted(number));
        }
        String hundred =
                replaceFirst(Example.DEPLOY.text(), app, more + app).replace("    # service: app", "    service: app");

        assertThat(Example.DEPLOY.read(hundred)).isNotNull();
        assertThatThrownBy(() -> Example.DEPLOY.read(replaceFirst(hundred, app, "  s100:\n    image: a:1\n" + app)))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("services: 101 are too many; write at most 100"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EXECUTOR | https://vault.example.com | http://127.0.0.1:8200",
                "EXECUTOR | https://gitlab.example.com   | http://[::1]:8080/gitlab/",
                "POLICY | 10.0.0.11 | fd00::11",
                "POLICY | host_key: | host_ca:",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_key_secret: shop/ssh#private_key",
                "POLICY | ssh_key_file: /etc/gitops-executor/ssh/staging | ssh_certificate: {mount: ssh/shop, role: shop}",
                "POLICY | [refs/heads/develop] | ['refs/heads/release-*', 'refs/tags/v*.*']",
                "DEPLOY | LOG_LEVEL: debug | PORT: 8080",
                "DEPLOY | # or with without: [DEBUG_TOKEN] | without: [DEBUG_TOKEN, TRACE]",
                "POLICY | {block_days: 180} | {notice_days: 7, warn_days: 8, overdue_days: 9, block_days: 9}",
                "POLICY | # rollout: {canary: 0, max_parallel: 1, on_failure: roll_back | rollout: {max_parallel: 50, on_failure: stop",
                "DEPLOY | LOG_LEVEL: debug | VERBOSE: true",
                "DEPLOY | # or with schema: {version: 12, oldest: 10} | schema: {version: 20261128101500, oldest: 0}",
                "DEPLOY | # or with latest_on_rollback: [DATABASE_PASSWORD] | latest_on_rollback: [DATABASE_PASSWORD]",
                "DEPLOY | # or with files: [nginx/nginx.conf, nginx/conf.d] | files: [nginx/nginx.conf, .env.web]",
                "DEPLOY | app:{commit_short} | app:v1-{commit}",
                "DEPLOY | http://127.0.0.1:8080/health | http://localhost/health?deep=1",
                "EXECUTOR | # helper_network: bridge | helper_network: my_net.1",
                "DEPLOY | pointer: /version | pointer: /a~1b/~0/0",
            })
    void readerAndSchemaAccept(Example example, String found, String replacement) {
        String good = replaceFirst(example.text(), found, replacement);

        assertThat(example.read(good)).isNotNull();
        assertThat(example.schemaErrors(good)).isEmpty();
    }

    /** A schema cannot compare two values. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "# cache_dir: /cache | cache_dir: /builds/cache | \"/builds/cache\": write a directory outside of builds_dir, \"/builds\"",
                "# builds_dir: /builds | builds_dir: /cache/builds | \"/cache\": write a directory outside of builds_dir, \"/cache/builds\"",
                "# cache_dir: /cache | cache_dir: /builds | \"/builds\": write a directory outside of builds_dir",
            })
    void readerKeepsBuildsAndCacheApart(String found, String replacement, String sentence) {
        String bad = replaceFirst(Example.EXECUTOR.text(), found, replacement);

        assertThatThrownBy(() -> Example.EXECUTOR.read(bad))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw()).contains("cache_dir: " + sentence));
    }

    @ParameterizedTest
    @CsvSource({"LOG_LEVEL", "DATABASE_PASSWORD"})
    void readerRefusesAVariableThatIsThereAndIsNot(String variable) {
        String bad = replaceFirst(
                Example.DEPLOY.text(),
                "# or with without: [DEBUG_TOKEN]",
                "without: [DEBUG_TOKEN, %s]".formatted(variable));

        assertThatThrownBy(() -> Example.DEPLOY.read(bad))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("environments.production.without: " + variable
                                        + " stands under `values` or `secrets` too; keep one"));
    }

    /** Nor can it look elsewhere in the file. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "# or with schema: {version: 12, oldest: 10} | schema: {version: 12, oldest: 13} | schema.oldest: 13 is more than version, 12",
                "# or with latest_on_rollback: [DATABASE_PASSWORD] | latest_on_rollback: [LOG_LEVEL] | environments.production.latest_on_rollback: LOG_LEVEL stands not under `secrets`",
                "shop/production#database_password | shop/production@3#database_password\\n    latest_on_rollback: [DATABASE_PASSWORD] | environments.production.latest_on_rollback: shop/production@3#database_password names a version",
            })
    void readerRefusesWhatDoesNotGoTogether(String found, String replacement, String sentence) {
        String bad = replaceFirst(Example.DEPLOY.text(), found, replacement);

        assertThatThrownBy(() -> Example.DEPLOY.read(bad))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw()).contains(sentence));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "notice_days: 83 | notice_days: 83 is not less than warn_days, 83",
                "warn_days: 90 | warn_days: 90 is not less than overdue_days, 90",
                "overdue_days: 80 | warn_days: 83 is not less than overdue_days, 80",
                "block_days: 89 | block_days: 89 is less than overdue_days, 90",
            })
    void readerRefusesAgesThatDoNotIncrease(String key, String sentence) {
        String bad = replaceFirst(Example.POLICY.text(), "block_days: 180", key);

        assertThatThrownBy(() -> Example.POLICY.read(bad))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("environments.production.secret_age." + sentence));
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void readerRefusesACanaryThatIsEveryHost(String canary) {
        String bad = replaceFirst(Example.POLICY.text(), "# rollout: {canary: 0", "rollout: {canary: " + canary);

        assertThatThrownBy(() -> Example.POLICY.read(bad))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("environments.staging.rollout: a canary of %s leaves none of 1 hosts"
                                        .formatted(canary)));
    }

    private static String replaceFirst(String text, String found, String replacement) {
        int at = text.indexOf(found);
        assertThat(at).as(found).isNotNegative();
        return text.substring(0, at) + replacement.replace("\\n", "\n") + text.substring(at + found.length());
    }

    private static void collectKeys(JsonNode schema, Set<String> keys) {
        schema.path("properties").fieldNames().forEachRemaining(keys::add);
        schema.forEach(child -> collectKeys(child, keys));
    }
}
