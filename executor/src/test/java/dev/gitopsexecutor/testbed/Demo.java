package dev.gitopsexecutor.testbed;

import dev.gitopsexecutor.testbed.JobResult.Status;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** What scripts/demo starts: the whole story and its end, or a testbed that stays until it is told to stop. */
public final class Demo {
    private final PrintStream out;
    private final Testbed testbed;
    private final Promotion promotion;
    private boolean asExpected = true;

    private Demo(PrintStream out, Testbed testbed) throws IOException {
        this.out = out;
        this.testbed = testbed;
        this.promotion = testbed.promotion();
    }

    /** Without arguments the story; {@code up FILE} stays and describes itself there; {@code sweep} removes leftovers. */
    public static void main(String[] arguments) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(Demo::fallSilent));
        switch (arguments.length == 0 ? "story" : arguments[0]) {
            case "up" -> stay(System.out, Path.of(arguments[1]));
            case "sweep" -> Testbed.sweep();
            default -> System.exit(story(System.out) ? 0 : 1);
        }
    }

    /** What a job says whose parts are being taken away is of no use to anybody. */
    private static void fallSilent() {
        System.out.close();
        System.err.close();
    }

    private static boolean story(PrintStream out) throws IOException, InterruptedException {
        out.println("The testbed starts.");
        try (Testbed testbed = Testbed.start(new Progress(out))) {
            Demo demo = new Demo(out, testbed);
            demo.tell();
            out.println(demo.asExpected ? "\nEvery job ended as it should." : "\nNot every job ended as it should.");
            return demo.asExpected;
        } finally {
            out.println("The testbed is gone.");
        }
    }

    /** Blocks until the process is told to end; its shutdown hook removes the testbed. */
    private static void stay(PrintStream out, Path worldFile) throws IOException, InterruptedException {
        Files.deleteIfExists(worldFile);
        Testbed testbed = Testbed.start(new Progress(out));
        DemoControl control = DemoControl.start(testbed);
        new WorldFile(testbed).write(worldFile, control.url());
        new CountDownLatch(1).await();
    }

    private void tell() throws IOException, InterruptedException {
        DeployEnvironment staging = promotion.staging();
        DeployEnvironment production = promotion.production();
        Release tested = staging.release();
        deploys("A commit on develop is deployed to staging", staging, staging.job(tested), tested);
        Release fresh = production.release();
        run("An image that staging has not proven is started in production", production.manualJob(fresh), false);
        Release merged = production.promoted(tested);
        deploys("The image of staging is promoted to production", production, production.manualJob(merged), merged);
        int requests = testbed.vault().requests().size();
        Release feature = production.release(AppVariant.HEALTHY, "feature/x", UnaryOperator.identity());
        run("A feature branch claims production", production.job(feature), false);
        int more = testbed.vault().requests().size() - requests;
        out.println("Requests that Vault got from this job: " + more);
        asExpected &= more == 0;
        String before = answer(staging);
        run("A release whose health check fails", staging.job(staging.release(AppVariant.UNHEALTHY)), false);
        String after = answer(staging);
        out.println("Staging answered before: " + before + "\nStaging answers now:     " + after);
        asExpected &= after.equals(before);
    }

    private void deploys(String title, DeployEnvironment environment, RunnerJob job, Release release)
            throws IOException, InterruptedException {
        run(title, job, true);
        String answer = answer(environment);
        asExpected &= answer.contains(release.tag());
        out.println("The application answers: " + answer);
        out.println("The env file on the host: "
                + environment
                        .hosts()
                        .getFirst()
                        .run("sh", "-c", "stat -c '%A %U %n' \"$0\"/current/.env", environment.directory())
                        .strip());
    }

    private static String answer(DeployEnvironment environment) {
        return environment.answer(environment.hosts().getFirst()).strip();
    }

    private void run(String title, RunnerJob job, boolean succeeds) throws InterruptedException {
        out.println("\n=== " + title);
        JobResult result = promotion.staging().runner().run(job, out);
        Status expected = succeeds ? Status.SUCCESS : Status.SCRIPT_FAILURE;
        boolean right = result.status() == expected;
        out.println("--- Job ended: %s, %s".formatted(result.status(), right ? "as it should" : "not " + expected));
        asExpected &= right;
    }
}
