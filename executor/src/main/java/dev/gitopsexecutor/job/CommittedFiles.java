package dev.gitopsexecutor.job;

import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Collects the files that a {@code deploy.yaml} lets travel from its commit's objects, directories with all below them. */
final class CommittedFiles {
    /** Files and directories, so that the count of directories without files ends too. */
    static final int MOST_ENTRIES = 1000;

    /** Each host gets them in one message, in base64 twice, many hosts at once. */
    static final int MAX_SUM = 1024 * 1024;
    /** As in {@code deploy.yaml}; what {@code layout.sh} and Compose take for nothing but a name. */
    static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._@+-]+");

    private final CommitSha commit;
    private final Source source;
    private final String directory;
    private final List<String> problems = new ArrayList<>();
    private final SortedMap<String, GitObjects.Entry> files = new TreeMap<>();
    private GitObjects objects;
    private int entries;

    /** Asks Git for objects by name; what {@link GitObjects#parse} reads. */
    interface Source {
        byte[] batch(List<String> names);
    }

    private record Directory(String path, String tree) {}

    private CommittedFiles(CommitSha commit, DeploySpec spec, Source source) {
        this.commit = commit;
        this.source = source;
        this.directory = spec.composeDirectory();
        this.objects = GitObjects.parse(commit, new byte[0]);
    }

    /**
     * Reads them; one request to Git for each level of directories, and one for the rest.
     *
     * @throws IllegalArgumentException with a sentence when an object is missing or is not what its hash says
     * @throws ExecutorException {@code DEPLOY_SPEC_INVALID} with every reason why some cannot travel, {@code
     *     OUTPUT_TOO_LARGE}
     */
    static ShippedFiles read(CommitSha commit, DeploySpec spec, Source source) {
        if (spec.files().isEmpty()) {
            return ShippedFiles.NONE;
        }
        CommittedFiles committed = new CommittedFiles(commit, spec, source);
        committed.collect(spec.files());
        committed.refuse(FailureCode.DEPLOY_SPEC_INVALID, "Correct `files:` or what it names, and push.");
        return committed.content();
    }

    private void collect(List<String> paths) {
        Set<String> names = new LinkedHashSet<>();
        paths.forEach(path -> names.addAll(GitObjects.names(commit, path)));
        add(names);
        List<Directory> level = new ArrayList<>();
        for (String path : paths) {
            find(path).ifPresent(entry -> add(path, entry, level));
        }
        while (!level.isEmpty() && entries <= MOST_ENTRIES && files.size() <= ShippedFiles.MOST) {
            Set<String> trees = new LinkedHashSet<>();
            level.stream()
                    .map(Directory::tree)
                    .filter(tree -> !objects.has(tree))
                    .forEach(trees::add);
            add(trees);
            List<Directory> next = new ArrayList<>();
            for (Directory parent : level) {
                if (entries > MOST_ENTRIES) {
                    break;
                }
                objects.entries(parent.tree()).stream()
                        // One more than may be: enough to know that they are too many, however many they are.
                        .limit(MOST_ENTRIES + 1L - Math.min(entries, MOST_ENTRIES))
                        .forEach(entry -> add(parent.path() + "/" + entry.name(), entry, next));
            }
            level.clear();
            level.addAll(next);
        }
        if (entries > MOST_ENTRIES || files.size() > ShippedFiles.MOST) {
            problems.clear();
            problems.add("they are more than %d files; at most so many travel".formatted(ShippedFiles.MOST));
        }
    }

    private void add(Set<String> names) {
        if (!names.isEmpty()) {
            objects = objects.and(source.batch(List.copyOf(names)));
        }
    }

    /** Empty, with the problem told, when the commit has nothing there. */
    private Optional<GitObjects.Entry> find(String path) {
        String tree = objects.root();
        Optional<GitObjects.Entry> found = Optional.empty();
        for (String name : path.split("/", -1)) {
            if (found.isPresent() && !found.get().isDirectory()) {
                problems.add("\"%s\": %s".formatted(path, described(found.get())));
                return Optional.empty();
            }
            tree = found.map(GitObjects.Entry::hash).orElse(tree);
            found = objects.entry(tree, name);
            if (found.isEmpty()) {
                problems.add("\"%s\" is not in the commit".formatted(path));
                return found;
            }
        }
        return found;
    }

    private void add(String path, GitObjects.Entry entry, List<Directory> directories) {
        entries++;
        if (!NAME.matcher(entry.name()).matches()) {
            problems.add("\"%s\" has a name with other characters than letters, digits and . _ @ + -; rename it"
                    .formatted(path.replaceAll("[^ -~]", "?")));
        } else if (entry.isDirectory()) {
            directories.add(new Directory(path, entry.hash()));
        } else if (entry.isFile()) {
            files.put(path, entry);
        } else {
            problems.add("\"%s\": %s".formatted(path, described(entry)));
        }
    }

    private static String described(GitObjects.Entry entry) {
        String kind = switch (entry.mode()) {
            case "120000" -> "a symbolic link";
            case "160000" -> "a submodule";
            default -> "no directory";
        };
        return "\"%s\" is %s in the commit; only ordinary files travel".formatted(entry.name(), kind);
    }

    private ShippedFiles content() {
        Set<String> blobs = new LinkedHashSet<>();
        files.values().stream()
                .map(GitObjects.Entry::hash)
                .filter(hash -> !objects.has(hash))
                .forEach(blobs::add);
        add(blobs);
        SortedMap<String, ShippedFile> content = new TreeMap<>();
        long sum = 0;
        for (Map.Entry<String, GitObjects.Entry> file : files.entrySet()) {
            byte[] bytes = objects.blob(file.getValue().hash());
            sum += bytes.length;
            content.put(
                    file.getKey().substring(directory.length()),
                    ShippedFile.of(file.getValue().isExecutable(), bytes));
        }
        if (sum > MAX_SUM) {
            problems.add("they have %d bytes in sum, more than %d".formatted(sum, MAX_SUM));
        }
        refuse(FailureCode.OUTPUT_TOO_LARGE, "Put what is large into an image, or onto a volume of the hosts.");
        return new ShippedFiles(content, whole());
    }

    /** The directories all of whose files travel, relative to the Compose file's. */
    private SortedSet<String> whole() {
        SortedSet<String> whole = new TreeSet<>();
        String tree = objects.root();
        for (int at = 0; at < directory.length(); at = directory.indexOf('/', at) + 1) {
            String name = directory.substring(at, directory.indexOf('/', at));
            tree = objects.entry(tree, name).map(GitObjects.Entry::hash).orElseThrow();
        }
        var _ = isWhole("", tree, whole);
        return whole;
    }

    private boolean isWhole(String path, String tree, Set<String> whole) {
        String below = path.isEmpty() ? "" : path + "/";
        if (files.keySet().stream().noneMatch(file -> file.startsWith(directory + below))) {
            return false;
        }
        boolean all = true;
        for (GitObjects.Entry entry : objects.entries(tree)) {
            String child = below + entry.name();
            all &= entry.isDirectory() ? isWhole(child, entry.hash(), whole) : files.containsKey(directory + child);
        }
        if (all) {
            whole.add(path);
        }
        return all;
    }

    private void refuse(FailureCode code, String next) {
        if (!problems.isEmpty()) {
            throw new ExecutorException(new Failure(
                    code,
                    "read the files that travel with the release",
                    "files: of %s at commit %s".formatted(Checkout.DEPLOY_SPEC, commit.abbreviated()),
                    String.join("\n", problems),
                    next + " Nothing was changed."));
        }
    }
}
