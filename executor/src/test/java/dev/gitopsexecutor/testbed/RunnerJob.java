package dev.gitopsexecutor.testbed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One job as GitLab hands it to a runner.
 *
 * @param variables after the predefined ones, so that they shadow them as `variables:` in YAML does
 * @param name as the pipeline's YAML calls it
 */
public record RunnerJob(
        Origin origin,
        Source source,
        Optional<Deployment> deployment,
        Work work,
        Images images,
        List<Variable> variables,
        String name) {
    /** The name under `id_tokens:`. */
    public static final String TOKEN_VARIABLE = "VAULT_ID_TOKEN";

    public RunnerJob {
        variables = List.copyOf(variables);
    }

    /**
     * Who started it.
     *
     * @param token CI_JOB_TOKEN
     * @param idToken empty when the job asks for none
     */
    public record Origin(long id, String token, long pipelineId, User user, Optional<String> idToken) {}

    public record User(long id, String login) {}

    /**
     * The commit that it runs on.
     *
     * @param repositoryUrl with the job's token in it
     * @param isProtected what GitLab says of the ref
     */
    public record Source(Project project, String repositoryUrl, String branch, String sha, boolean isProtected) {
        public String refPath() {
            return "refs/heads/" + branch;
        }

        /** By the commit and not by the branch, which may move on; GitLab has a ref for each pipeline for that. */
        public String refspec() {
            return "+%s:refs/remotes/origin/%s".formatted(sha, branch);
        }

        public String shortSha() {
            return sha.substring(0, 8);
        }
    }

    /** Where the job runs; its path is group and name. */
    public record Project(long id, String path) {}

    /** What `environment:` says. */
    public record Deployment(String environment, String tier) {}

    /**
     * What it does.
     *
     * @param release a step after the script, which {@code release:} in YAML makes; none when empty
     * @param kept a path below the checkout that is cached and uploaded, however the job ends
     */
    public record Work(
            String image,
            List<String> script,
            List<String> release,
            List<String> afterScript,
            Optional<String> kept,
            Duration timeout) {
        public Work {
            script = List.copyOf(script);
            release = List.copyOf(release);
            afterScript = List.copyOf(afterScript);
        }
    }

    /**
     * What else its containers are made of.
     *
     * @param services names of images, each found at {@code service-0} and so on
     * @param login for a registry; none when empty
     */
    public record Images(List<String> services, Optional<Login> login) {
        static final Images NONE = new Images(List.of(), Optional.empty());

        public Images {
            services = List.copyOf(services);
        }
    }

    public record Login(String registry, String username, String password) {}

    public record Variable(String key, String value, Kind kind) {
        /** PLAIN is shown, MASKED is hidden in the log, FILE is a path in scripts. */
        public enum Kind {
            PLAIN,
            MASKED,
            FILE
        }
    }

    public RunnerJob withScript(String... lines) {
        return withWork(new Work(work.image, List.of(lines), work.release, work.afterScript, work.kept, work.timeout));
    }

    public RunnerJob withRelease(String... lines) {
        return withWork(new Work(work.image, work.script, List.of(lines), work.afterScript, work.kept, work.timeout));
    }

    public RunnerJob withAfterScript(String... lines) {
        return withWork(new Work(work.image, work.script, work.release, List.of(lines), work.kept, work.timeout));
    }

    /** With a cache and artifacts of that path below the checkout. */
    public RunnerJob withKept(String path) {
        return withWork(
                new Work(work.image, work.script, work.release, work.afterScript, Optional.of(path), work.timeout));
    }

    public RunnerJob withImage(String image) {
        return withWork(new Work(image, work.script, work.release, work.afterScript, work.kept, work.timeout));
    }

    public RunnerJob withServices(String... names) {
        return withImages(new Images(List.of(names), images.login));
    }

    /** As GitLab gives a job for its own registry. */
    public RunnerJob withLogin(Login login) {
        return withImages(new Images(images.services, Optional.of(login)));
    }

    private RunnerJob withImages(Images other) {
        return new RunnerJob(origin, source, deployment, work, other, variables, name);
    }

    public RunnerJob withTimeout(Duration timeout) {
        return withWork(new Work(work.image, work.script, work.release, work.afterScript, work.kept, timeout));
    }

    public RunnerJob withWork(Work other) {
        return new RunnerJob(origin, source, deployment, other, images, variables, name);
    }

    public RunnerJob withSource(UnaryOperator<Source> change) {
        return new RunnerJob(origin, change.apply(source), deployment, work, images, variables, name);
    }

    public RunnerJob withIdToken(String token) {
        return withIdToken(Optional.of(token));
    }

    public RunnerJob withoutIdToken() {
        return withIdToken(Optional.empty());
    }

    private RunnerJob withIdToken(Optional<String> token) {
        return new RunnerJob(
                new Origin(origin.id, origin.token, origin.pipelineId, origin.user, token),
                source,
                deployment,
                work,
                images,
                variables,
                name);
    }

    /** What the job's YAML sets, and may forge. */
    public RunnerJob withVariable(String key, String value) {
        return withVariable(new Variable(key, value, Variable.Kind.PLAIN));
    }

    public RunnerJob withVariable(Variable variable) {
        List<Variable> more = new ArrayList<>(variables);
        more.add(variable);
        return new RunnerJob(origin, source, deployment, work, images, more, name);
    }
}
