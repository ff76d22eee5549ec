package dev.gitopsexecutor.runner;

/** A job response for tests to read, or to damage first. */
final class ResponseText {
    /** What a runner 17.0 writes, shortened. */
    static final String OLD = """
            {"id": 102,
             "token": "job-token", "allow_git_fetch": true,
             "job_info": {"name": "deploy staging", "stage": "deploy", "project_id": 22, "project_name": "app"},
             "git_info": {"repo_url": "http://gitlab-ci-token:job-token@127.0.0.1:18080/acme/app.git",
                          "ref": "main", "sha": "4c300d29c32b7e55210788f6835f3f000dc9cc7a", "ref_type": "branch"},
             "runner_info": {"timeout": 600},
             "variables": [{"key": "CI", "value": "true", "masked": false}, {"key": "A", "value": "masked-value", "masked": true},
                           {"key": "TWICE", "value": "first"}, {"key": "TWICE", "value": "second"}, {"key": "NONE", "value": null}],
             "image": {"name": "base:1", "executor_opts": {"docker": {"platform": ""}}},
             "services": [], "artifacts": null,
             "credentials": [{"type": "docker", "url": "other.example.com", "username": "", "password": ""},
                             {"type": "registry", "url": "registry.example.com:5000", "username": "user", "password": "registry-password"}],
             "dependencies": [{"id": 7, "token": "dependency-token", "name": "build"}]}
            """;

    private ResponseText() {}
}
