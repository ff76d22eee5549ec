package dev.gitopsexecutor.testbed;

import dev.gitopsexecutor.testbed.RunnerJob.Deployment;
import dev.gitopsexecutor.testbed.RunnerJob.Source;
import dev.gitopsexecutor.testbed.RunnerJob.Variable;
import dev.gitopsexecutor.testbed.RunnerJob.Variable.Kind;
import java.util.ArrayList;
import java.util.List;

/** The variables of a job in GitLab's order, the last of a name being the one that counts. */
final class JobVariables {
    private final List<Variable> all = new ArrayList<>();

    private JobVariables() {}

    /** As in the job response. */
    static List<Variable> of(RunnerJob job, String serverUrl) {
        JobVariables variables = new JobVariables();
        variables.persisted(job, serverUrl);
        variables.source(job.source());
        job.deployment().ifPresent(variables::deployment);
        variables.all.addAll(job.variables());
        variables.plain("GITLAB_USER_LOGIN", job.origin().user().login());
        variables.plain("GITLAB_USER_ID", Long.toString(job.origin().user().id()));
        return List.copyOf(variables.all);
    }

    private void persisted(RunnerJob job, String serverUrl) {
        plain("CI", "true");
        plain("GITLAB_CI", "true");
        plain("CI_SERVER_URL", serverUrl);
        plain("CI_JOB_ID", Long.toString(job.origin().id()));
        all.add(new Variable("CI_JOB_TOKEN", job.origin().token(), Kind.MASKED));
        plain("CI_JOB_NAME", "deploy");
        plain("CI_JOB_STAGE", "deploy");
        plain("CI_PIPELINE_ID", Long.toString(job.origin().pipelineId()));
        plain("CI_PIPELINE_SOURCE", "push");
        job.origin().idToken().ifPresent(token -> all.add(new Variable(RunnerJob.TOKEN_VARIABLE, token, Kind.MASKED)));
    }

    private void source(Source source) {
        String path = source.project().path();
        int slash = path.lastIndexOf('/');
        plain("CI_PROJECT_ID", Long.toString(source.project().id()));
        plain("CI_PROJECT_PATH", path);
        plain("CI_PROJECT_NAME", path.substring(slash + 1));
        plain("CI_PROJECT_NAMESPACE", path.substring(0, slash));
        plain("CI_COMMIT_SHA", source.sha());
        plain("CI_COMMIT_SHORT_SHA", source.shortSha());
        plain("CI_COMMIT_REF_NAME", source.branch());
        plain("CI_COMMIT_BRANCH", source.branch());
        plain("CI_COMMIT_REF_PROTECTED", Boolean.toString(source.isProtected()));
        plain("CI_DEFAULT_BRANCH", "main");
    }

    private void deployment(Deployment deployment) {
        plain("CI_ENVIRONMENT_NAME", deployment.environment());
        plain("CI_ENVIRONMENT_SLUG", deployment.environment());
        plain("CI_ENVIRONMENT_TIER", deployment.tier());
        plain("CI_ENVIRONMENT_ACTION", "start");
    }

    private void plain(String key, String value) {
        all.add(new Variable(key, value, Kind.PLAIN));
    }
}
