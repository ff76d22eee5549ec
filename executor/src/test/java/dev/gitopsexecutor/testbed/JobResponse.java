package dev.gitopsexecutor.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.testbed.RunnerJob.Source;
import dev.gitopsexecutor.testbed.RunnerJob.Variable;
import dev.gitopsexecutor.testbed.RunnerJob.Variable.Kind;
import java.util.List;
import java.util.Optional;

/** The text of JOB_RESPONSE_FILE: the job as the runner holds it. */
final class JobResponse {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JobResponse() {}

    static String text(RunnerJob job, List<Variable> variables) {
        ObjectNode response = JSON.createObjectNode();
        response.put("id", job.origin().id());
        response.put("token", job.origin().token());
        response.put("allow_git_fetch", true);
        jobInfo(response.putObject("job_info"), job);
        gitInfo(response.putObject("git_info"), job.source());
        response.putObject("runner_info").put("timeout", job.work().timeout().toSeconds());
        variables.forEach(variable -> variable(response.withArray("variables").addObject(), variable));
        steps(response.putArray("steps"), job);
        response.putObject("image").put("name", job.work().image());
        services(response.putArray("services"), job.images().services());
        kept(response, job.work().kept());
        ArrayNode credentials = response.putArray("credentials");
        job.images()
                .login()
                .ifPresent(login -> credentials
                        .addObject()
                        .put("type", "registry")
                        .put("url", login.registry())
                        .put("username", login.username())
                        .put("password", login.password()));
        response.putArray("dependencies");
        response.putObject("features").put("trace_sections", true);
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(response);
        } catch (JsonProcessingException impossible) {
            throw new TestbedException("job response", impossible);
        }
    }

    private static void jobInfo(ObjectNode info, RunnerJob job) {
        String path = job.source().project().path();
        info.put("name", job.name());
        info.put("stage", "deploy");
        info.put("pipeline_id", job.origin().pipelineId());
        info.put("project_id", job.source().project().id());
        info.put("project_name", path.substring(path.lastIndexOf('/') + 1));
        info.put("project_full_path", path);
        info.put("user_id", job.origin().user().id());
    }

    private static void gitInfo(ObjectNode info, Source source) {
        info.put("repo_url", source.repositoryUrl());
        info.put("repo_object_format", "sha1");
        info.put("ref", source.branch());
        info.put("sha", source.sha());
        info.put("before_sha", "0".repeat(40));
        info.put("ref_type", "branch");
        info.putArray("refspecs").add(source.refspec());
        info.put("depth", 20);
        info.put("protected", source.isProtected());
    }

    private static void variable(ObjectNode node, Variable variable) {
        node.put("key", variable.key());
        node.put("value", variable.value());
        node.put("public", variable.kind() != Kind.MASKED);
        node.put("file", variable.kind() == Kind.FILE);
        node.put("masked", variable.kind() == Kind.MASKED);
        node.put("raw", true);
    }

    private static void steps(ArrayNode steps, RunnerJob job) {
        step(steps.addObject(), "script", "on_success", job.work().script());
        if (!job.work().release().isEmpty()) {
            step(steps.addObject(), "release", "on_success", job.work().release());
        }
        if (!job.work().afterScript().isEmpty()) {
            step(steps.addObject(), "after_script", "always", job.work().afterScript());
        }
    }

    private static void services(ArrayNode services, List<String> names) {
        for (String name : names) {
            ObjectNode service = services.addObject();
            service.put("name", name);
            service.put("alias", "service-" + (services.size() - 1));
            service.putNull("entrypoint");
            service.putNull("command");
            service.putNull("ports");
        }
    }

    private static void kept(ObjectNode response, Optional<String> path) {
        if (path.isEmpty()) {
            response.putNull("artifacts");
            response.putNull("cache");
            return;
        }
        ObjectNode artifacts = response.putArray("artifacts").addObject();
        artifacts.put("name", "kept");
        artifacts.put("untracked", false);
        artifacts.putArray("paths").add(path.get());
        artifacts.putNull("exclude");
        artifacts.put("when", "always");
        artifacts.put("artifact_type", "archive");
        artifacts.put("artifact_format", "zip");
        artifacts.put("expire_in", "1 day");
        ObjectNode cache = response.putArray("cache").addObject();
        cache.put("key", "default");
        cache.put("untracked", false);
        cache.put("policy", "pull-push");
        cache.putArray("paths").add(path.get());
        cache.put("when", "always");
        cache.putNull("fallback_keys");
    }

    private static void step(ObjectNode step, String name, String when, List<String> lines) {
        step.put("name", name);
        lines.forEach(step.putArray("script")::add);
        step.put("timeout", 600);
        step.put("when", when);
        step.put("allow_failure", name.equals("after_script"));
    }
}
