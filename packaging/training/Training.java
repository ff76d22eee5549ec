import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs one whole job against stand-ins, each kind of start once; the JVM writes a cache of what it loaded when it ends.
 *
 * <p>Usage: {@code java -cp DISTRIBUTION/lib/* Training.java TRAINING DISTRIBUTION DIRECTORY}; DIRECTORY is empty and
 * the caller's to remove.
 */
final class Training {
    private final Path training;
    private final Path distribution;
    private final Path directory;

    private Training(Path training, Path distribution, Path directory) {
        this.training = training;
        this.distribution = distribution;
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        new Training(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2])).run();
    }

    private void run() throws Exception {
        Path programs = Files.createDirectory(directory.resolve("bin"));
        for (String name : List.of("docker", "find", "stat")) {
            Files.createSymbolicLink(programs.resolve(name), training.resolve("programs").toAbsolutePath());
        }
        Files.createDirectory(directory.resolve("app"));
        Files.writeString(directory.resolve("script"), "exit 0\n");
        try (Services services = new Services();
                Host host = new Host(programs, directory.resolve("key"))) {
            Map<String, String> words = new HashMap<>(Map.of(
                    "DIRECTORY", directory.toString(),
                    "SERVICES", services.url(),
                    "PORT", Integer.toString(host.port()),
                    "HOST_KEY", host.hostKey()));
            Commit commit = new Commit(Map.of(
                    ".gitops/deploy.yaml", filled("deploy.yaml", words),
                    "compose.yaml", filled("compose.yaml", words)));
            words.put("SHA", commit.hash());
            words.put("ID_TOKEN", services.idToken(commit.hash()));
            for (String file : List.of("executor.yaml", "policy.yaml", "response.json")) {
                writeOwned(directory.resolve(file), filled(file, words));
            }
            try (Engine _ = new Engine(directory.resolve("engine.sock"), commit)) {
                String script = directory.resolve("script").toString();
                start("config", "config");
                start("prepare", "prepare");
                start("run", "run", script, "prepare_script");
                start("deploy", "run", script, "build_script");
                start("cleanup", "cleanup");
            }
        }
    }

    /** The launcher itself adds the option, so that the other options are those of later starts. */
    private void start(String name, String entryPoint, String... operands) throws IOException, InterruptedException {
        Path cache = distribution.resolve("aot").resolve(name + ".aot");
        Path output = directory.resolve(name + ".log");
        List<String> words = new ArrayList<>(List.of(
                distribution.resolve("bin/gitops-executor").toString(),
                entryPoint,
                "--config=" + directory.resolve("executor.yaml")));
        words.addAll(List.of(operands));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("GITOPS_EXECUTOR_AOT_OUTPUT", cache.toString());
        builder.environment().put("JOB_RESPONSE_FILE", directory.resolve("response.json").toString());
        int exit = builder.start().waitFor();
        if (exit != 0 || !Files.exists(cache)) {
            System.err.print(Files.readString(output));
            throw new IOException("%s ended with %d; its cache is %s"
                    .formatted(words, exit, Files.exists(cache) ? "there" : "missing"));
        }
    }

    private String filled(String file, Map<String, String> words) throws IOException {
        String text = Files.readString(training.resolve(file));
        for (Map.Entry<String, String> word : words.entrySet()) {
            text = text.replace("@" + word.getKey() + "@", word.getValue());
        }
        return text;
    }

    private static void writeOwned(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }
}
