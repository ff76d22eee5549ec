package dev.gitopsexecutor.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.model.ProjectId;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectPathTest {
    private static final ProjectId PROJECT = new ProjectId(22);

    @ParameterizedTest
    @CsvSource({
        "https://gitlab-ci-token:t@gitlab.example.com/acme/app.git, /builds/acme/app",
        "https://gitlab.example.com:8443/gitlab/acme/sub/app.git, /builds/gitlab/acme/sub/app",
        "https://git_lab.example.com/acme/app, /builds/acme/app",
        "https://gitlab.example.com/acme/app.git.git, /builds/acme/app.git",
        "https://gitlab.example.com/acme//app.git, /builds/acme/app",
        "https://gitlab.example.com/acme/a..b.git, /builds/acme/a..b",
        "acme/app.git, /builds/project-22",
        "https://gitlab example com/acme/app.git, /builds/project-22",
    })
    void checkoutIsWhereTheRunnerPutsIt(String url, Path directory) {
        assertThat(ProjectPath.of(url, PROJECT).below(Path.of("/builds"))).isEqualTo(directory);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://u:secret@gitlab.example.com/../../etc.git",
                "https://u:secret@gitlab.example.com/%2e%2e/%2e%2e/etc.git",
                "https://u:secret@gitlab.example.com/acme/..",
                "https://u:secret@gitlab.example.com/",
                "https://u:secret@gitlab.example.com/a%00b.git",
            })
    void pathThatLeadsOutIsRefusedWithoutTheUrl(String url) {
        assertThatThrownBy(() -> ProjectPath.of(url, PROJECT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(".git_info.repo_url names no project");
    }
}
