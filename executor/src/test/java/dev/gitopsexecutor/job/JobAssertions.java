package dev.gitopsexecutor.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobEngine;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.TargetHost;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What several end-to-end tests look at. */
final class JobAssertions {
    private JobAssertions() {}

    /** Names of the containers and volumes that carry the job's id. */
    static List<String> partsOf(RunnerJob job) {
        DockerClient docker = JobEngine.client();
        String id = "-" + job.origin().id() + "-";
        Stream<String> containers = docker.listContainersCmd().withShowAll(true).exec().stream()
                .map(Container::getNames)
                .flatMap(Arrays::stream);
        Stream<String> volumes =
                docker.listVolumesCmd().exec().getVolumes().stream().map(volume -> volume.getName());
        return Stream.concat(containers, volumes)
                .filter(name -> name.contains(id))
                .toList();
    }

    static void assertNothingLeft(RunnerJob job) {
        assertThat(partsOf(job)).as("containers and volumes of the job").isEmpty();
    }

    /** The host answers with that release's version, and its containers run that release's digest. */
    static void assertRuns(DeployEnvironment environment, TargetHost host, Release release) {
        assertThat(environment.answer(host)).contains("\"version\":\"" + release.tag() + "\"");
        assertThat(runningImage(environment, host)).endsWith("@" + release.digest());
    }

    /** The image of the application's container as Compose wrote it into the container. */
    static String runningImage(DeployEnvironment environment, TargetHost host) {
        return host.run(
                        "docker",
                        "ps",
                        "--no-trunc",
                        "--filter",
                        "label=com.docker.compose.project=" + environment.project(),
                        "--format",
                        "{{.Image}}")
                .strip();
    }

    static void assertStatus(JobResult result, JobResult.Status status) {
        assertThat(result.status())
                .as(() -> "status of the job with this log:\n" + result.log())
                .isEqualTo(status);
    }
}
