package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** What scripts/demo starts: the whole story and its end, or a testbed that stays until it is told to stop. */
public final class Demo {
    private final PrintStream out;
    private final Testbed testbed;
    private boolean asExpected = true;

    private Demo(PrintStream out, Testbed testbed) {
        this.out = out;
        this.testbed = testbed;
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
        deploys(DemoJob.STAGING);
        deploys(DemoJob.PRODUCTION);
        int requests = testbed.vault().requests().size();
        run(DemoJob.FEATURE);
        int more = testbed.vault().requests().size() - requests;
        out.println("Requests that Vault got from this job: " + more);
        asExpected &= more == 0;
        String before = answer(DemoJob.STAGING);
        run(DemoJob.UNHEALTHY);
        String after = answer(DemoJob.STAGING);
        out.println("Staging answered before: " + before + "\nStaging answers now:     " + after);
        asExpected &= after.equals(before);
    }

    private void deploys(DemoJob job) throws IOException, InterruptedException {
        String version = run(job);
        String answer = answer(job);
        asExpected &= answer.contains(version);
        DeployEnvironment environment = job.environment(testbed);
        out.println("The application answers: " + answer);
        out.println("The env file on the host: "
                + environment
                        .hosts()
                        .getFirst()
                        .run("sh", "-c", "stat -c '%A %U %n' \"$0\"/current/.env", environment.directory())
                        .strip());
    }

    private String answer(DemoJob job) {
        DeployEnvironment environment = job.environment(testbed);
        return environment.answer(environment.hosts().getFirst()).strip();
    }

    /** Returns the version that the job was to deploy. */
    private String run(DemoJob job) throws IOException, InterruptedException {
        out.println("\n=== " + job.title());
        DeployEnvironment environment = job.environment(testbed);
        Release release = job.release(testbed);
        JobResult result = environment.runner().run(environment.job(release), out);
        boolean right = result.status() == job.expected();
        out.println(
                "--- Job ended: %s, %s".formatted(result.status(), right ? "as it should" : "not " + job.expected()));
        asExpected &= right;
        return release.tag();
    }
}
