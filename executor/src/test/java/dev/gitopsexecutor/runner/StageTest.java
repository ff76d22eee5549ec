package dev.gitopsexecutor.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.Role;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageTest {
    @ParameterizedTest
    @CsvSource({
        "prepare_script, HELPER, false",
        "get_sources, HELPER, false",
        "clear_worktree, HELPER, false",
        "restore_cache, HELPER, false",
        "download_artifacts, HELPER, false",
        "build_script, JOB, true",
        "step_script, JOB, true",
        "step_release, JOB, false",
        "after_script, JOB, false",
        "archive_cache, HELPER, false",
        "archive_cache_on_failure, HELPER, false",
        "upload_artifacts_on_success, HELPER, false",
        "upload_artifacts_on_failure, HELPER, false",
        "cleanup_file_variables, HELPER, false",
        "what_a_later_runner_invents, HELPER, false",
        "'', HELPER, false",
    })
    void stageRunsWhereItBelongs(String name, Role role, boolean buildScript) {
        assertThat(Stage.of(name)).isEqualTo(new Stage(name, role));
        assertThat(Stage.of(name).isBuildScript()).isEqualTo(buildScript);
    }
}
