package dev.gitopsexecutor.testbed;

import dev.gitopsexecutor.testbed.RunnerJob.Deployment;
import dev.gitopsexecutor.testbed.RunnerJob.Origin;
import dev.gitopsexecutor.testbed.RunnerJob.Project;
import dev.gitopsexecutor.testbed.RunnerJob.Source;
import dev.gitopsexecutor.testbed.RunnerJob.User;
import dev.gitopsexecutor.testbed.RunnerJob.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One environment to deploy to: its hosts and directory, its releases, its jobs, and a runner that knows it. */
public final class DeployEnvironment {
    private static final User DEVELOPER = new User(42, "dev1");

    private final Testbed testbed;
    private final EnvironmentSpec spec;
    private final Configuration configuration;
    private final Map<String, String> files;

    DeployEnvironment(
            Testbed testbed, EnvironmentSpec spec, Configuration configuration, List<EnvironmentSpec> sameFiles) {
        this.testbed = testbed;
        this.spec = spec;
        this.configuration = configuration;
        this.files = ShopFiles.of(sameFiles);
    }

    public String name() {
        return spec.name();
    }

    public List<TargetHost> hosts() {
        return spec.hosts();
    }

    /** On each host. */
    public String directory() {
        return spec.directory();
    }

    /** The Compose project on the hosts. */
    public String project() {
        return spec.project();
    }

    public String tier() {
        return spec.tier();
    }

    /** The only branch that may deploy to it. */
    public String branch() {
        return spec.branch();
    }

    /** Of the application, on each host's loopback address. */
    public int port() {
        return spec.port();
    }

    /** Of Vault's JWT auth mount. */
    public String vaultRole() {
        return spec.role();
    }

    public Configuration configuration() {
        return configuration;
    }

    /** In Vault's KV mount. */
    public String secretPath() {
        return spec.secretPath();
    }

    /** The canary: the value that only the env file and the service may have. */
    public String databasePassword() {
        return testbed.databasePassword(spec.name());
    }

    /** A new commit on the environment's branch, with its image built and pushed. */
    public Release release(AppVariant variant) throws IOException, InterruptedException {
        return release(variant, spec.branch(), UnaryOperator.identity());
    }

    public Release release() throws IOException, InterruptedException {
        return release(AppVariant.HEALTHY);
    }

    /**
     * A release from any branch with changed files.
     *
     * @param change gets the repository's files by their path
     */
    public Release release(AppVariant variant, String branch, UnaryOperator<Map<String, String>> change)
            throws IOException, InterruptedException {
        String sha = testbed.repository()
                .commit(branch, change.apply(new HashMap<>(files)), "release for " + spec.name() + ", " + variant);
        return new Release(branch, sha, testbed.appImages().publish(sha.substring(0, 8), variant));
    }

    /** The same commit on this environment's branch, as after a merge, with the image that is there already. */
    public Release promoted(Release release) throws IOException {
        testbed.repository().forward(release.sha(), spec.branch());
        return new Release(spec.branch(), release.sha(), release.digest());
    }

    /** As an operator on the executor's machine. */
    public void breakGlass(String reason) {
        Command.in(
                        Path.of("/"),
                        Checkout.launcher().toString(),
                        "break-glass",
                        name(),
                        "--config=" + configuration.executorYaml(),
                        "--reason=" + reason)
                .run();
    }

    /** A {@link #job} whose button somebody pressed. */
    public RunnerJob manualJob(Release release) throws IOException {
        RunnerJob job = job(release);
        testbed.gitLab().api().startByHand(job);
        return job;
    }

    /** A job like {@link #job} whose {@code environment: action} is {@code verify}: it runs its script and deploys nothing. */
    public RunnerJob verifyJob(Release release) throws IOException {
        RunnerJob job = job(release);
        return job.withIdToken(token(job, claims -> claims.with("environment_action", "verify")));
    }

    /** A job like {@link #job} that gets its hosts ready and deploys nothing. */
    public RunnerJob prepareJob(Release release) throws IOException {
        RunnerJob job = job(release);
        return job.withIdToken(token(job, claims -> claims.with("environment_action", "prepare")));
    }

    /** The job that GitLab would start for it: right in everything, with a signed ID token. */
    public RunnerJob job(Release release) throws IOException {
        long id = testbed.nextJobId();
        String token = "glcbt-64_" + id + "-" + testbed.randomText();
        RunnerJob job = new RunnerJob(
                new Origin(id, token, 9000 + id, DEVELOPER, Optional.empty()),
                new Source(
                        new Project(ShopRepository.PROJECT_ID, ShopRepository.PATH),
                        testbed.gitLab().repositoryUrl(ShopRepository.PATH, token),
                        release.branch(),
                        release.sha(),
                        !release.branch().startsWith("feature/")),
                Optional.of(new Deployment(spec.name(), spec.tier())),
                new Work(
                        Images.JOB,
                        List.of("echo \"deploying $CI_COMMIT_SHORT_SHA\""),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Duration.ofMinutes(10)),
                RunnerJob.Images.NONE,
                List.of(),
                "deploy");
        testbed.gitLab().api().register(job);
        return job.withIdToken(token(job, UnaryOperator.identity()));
    }

    /**
     * Another job of that job's pipeline and commit: with its name the one that GitLab makes when somebody presses Retry, or
     * Rollback in the environment's page.
     */
    public RunnerJob another(RunnerJob job, String name) throws IOException {
        long id = testbed.nextJobId();
        String token = "glcbt-64_" + id + "-" + testbed.randomText();
        Source source = job.source();
        RunnerJob another = new RunnerJob(
                new Origin(id, token, job.origin().pipelineId(), job.origin().user(), Optional.empty()),
                new Source(
                        source.project(),
                        testbed.gitLab().repositoryUrl(ShopRepository.PATH, token),
                        source.branch(),
                        source.sha(),
                        source.isProtected()),
                job.deployment(),
                job.work(),
                job.images(),
                job.variables(),
                name);
        testbed.gitLab().api().register(another);
        return another.withIdToken(token(another, UnaryOperator.identity()));
    }

    /** An ID token of that job with changed claims, signed by GitLab's current key. */
    public String token(RunnerJob job, UnaryOperator<IdToken> change) {
        return change.apply(testbed.gitLab().idToken(job, Configuration.AUDIENCE))
                .signedBy(testbed.gitLab().keys().current());
    }

    /** A runner whose executor knows this environment. */
    public RunnerHarness runner() {
        return testbed.runner(configuration);
    }

    /** The body of the application's health answer on that host, as its users see it. */
    public String answer(TargetHost host) {
        return host.run("curl", "-fsS", "http://127.0.0.1:" + spec.port() + "/health");
    }
}
