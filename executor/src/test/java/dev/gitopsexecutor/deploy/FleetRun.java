package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
import dev.gitopsexecutor.target.FakeHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One deploy to many {@link FakeHosts} of another process, for the benchmark: a process of its own, as a job's is. */
public final class FleetRun {
    private FleetRun() {}

    /** What to start it with, so that it deploys version {@code number} to the first {@code count} hosts, all at once. */
    public static List<String> arguments(FakeHosts fakes, int count, int number) {
        List<String> arguments = new ArrayList<>(List.of(
                FleetRun.class.getName(),
                Integer.toString(number),
                Integer.toString(fakes.port()),
                fakes.hostKey(),
                fakes.userKey().toString(),
                fakes.healthUrl()));
        fakes.all().stream().limit(count).forEach(host -> arguments.add(host.address()));
        return arguments;
    }

    /** Prints the milliseconds of the deploy and the KiB of memory that the process had at most. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> addresses = List.of(arguments).subList(5, arguments.length);
        FleetWorld world = new FleetWorld(
                FleetWorld.hosts(addresses, Integer.parseInt(arguments[1]), arguments[2]),
                Path.of(arguments[3]),
                arguments[4],
                new RolloutRule(0, addresses.size(), OnFailure.ROLL_BACK));
        long started = System.nanoTime();
        DeployOutcome outcome = world.deploy(Integer.parseInt(arguments[0]));
        long took = (System.nanoTime() - started) / 1_000_000;
        if (!(outcome instanceof DeployOutcome.Deployed)) {
            throw new IllegalStateException(world.log());
        }
        String memory = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElseThrow();
        System.out.println(took + " " + memory);
    }
}
