package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The application's git repository, as it lies on the GitLab side, with the branches develop, main and feature/x. */
public final class ShopRepository {
    /** Group and name. */
    public static final String PATH = "acme/shop";

    public static final long PROJECT_ID = 22;

    private static final Map<String, String> IDENTITY = Map.of(
            "GIT_AUTHOR_NAME", "Dev One",
            "GIT_AUTHOR_EMAIL", "dev1@example.com",
            "GIT_COMMITTER_NAME", "Dev One",
            "GIT_COMMITTER_EMAIL", "dev1@example.com",
            "GIT_CONFIG_GLOBAL", "/dev/null");

    private final Path bare;
    private final Path work;

    private ShopRepository(Path bare, Path work) {
        this.bare = bare;
        this.work = work;
    }

    /** @param repositories holds `group/name.git` */
    static ShopRepository create(Path repositories, Path work, Map<String, String> files) throws IOException {
        Path bare = Files.createDirectories(repositories.resolve(PATH + ".git"));
        Command.in(bare, "git", "init", "--quiet", "--bare", "--initial-branch=main")
                .run();
        Command.in(bare, "git", "config", "uploadpack.allowAnySHA1InWant", "true")
                .run();
        Command.in(bare, "git", "config", "uploadpack.allowFilter", "true").run();
        Command.in(bare, "git", "clone", "--quiet", bare.toString(), work.toString())
                .run();
        ShopRepository repository = new ShopRepository(bare, work);
        repository.git("checkout", "--quiet", "-b", "main");
        repository.commit("main", files, "first version");
        for (String branch : new String[] {"develop", "feature/x"}) {
            repository.git("push", "--quiet", "origin", "main:refs/heads/" + branch);
        }
        return repository;
    }

    /** The bare repository. */
    public Path directory() {
        return bare;
    }

    /**
     * A new commit on the branch, which is made from main when it does not exist.
     *
     * @param files the text of each, by its path in the repository
     * @return its full hash
     */
    public synchronized String commit(String branch, Map<String, String> files, String message) throws IOException {
        git("fetch", "--quiet", "origin");
        if (!git("ls-remote", "--heads", "origin", branch).isEmpty()) {
            git("checkout", "--quiet", "-B", branch, "origin/" + branch);
        } else {
            git("checkout", "--quiet", "-B", branch);
        }
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = work.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        git("add", "--all");
        git("commit", "--quiet", "--allow-empty", "--message", message);
        git("push", "--quiet", "origin", branch);
        return git("rev-parse", "HEAD");
    }

    /** Moves the branch to that commit, whatever was on it. */
    synchronized void forward(String sha, String branch) {
        git("fetch", "--quiet", "origin");
        git("push", "--quiet", "--force", "origin", sha + ":refs/heads/" + branch);
    }

    private String git(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "git";
        System.arraycopy(words, 0, command, 1, words.length);
        return Command.in(work, command).with(IDENTITY).run();
    }
}
