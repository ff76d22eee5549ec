package dev.gitopsexecutor.job;

import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Collects the files that a {@code deploy.yaml} lets travel from a working tree, as they lie there: what {@link
 * CommittedFiles} would have of a commit of that tree with all that Git does not track.
 */
final class TreeFiles {
    private final Path repository;
    private final List<String> problems = new ArrayList<>();
    private final SortedMap<String, PosixFileAttributes> files = new TreeMap<>();
    /** Paths relative to the repository whose names are still to be read. */
    private final Deque<String> directories = new ArrayDeque<>();

    private int entries;

    private TreeFiles(Path repository) {
        this.repository = repository;
    }

    /**
     * Follows no link below {@code repository}, opens nothing but ordinary files and none of them before all fit.
     *
     * @return without the directories all of whose files travel
     * @throws ExecutorException {@code DEPLOY_SPEC_INVALID} with every reason why some cannot travel, {@code
     *     OUTPUT_TOO_LARGE}
     */
    static ShippedFiles read(Path repository, DeploySpec spec) {
        TreeFiles tree = new TreeFiles(repository);
        tree.collect(spec.files());
        tree.refuse(FailureCode.DEPLOY_SPEC_INVALID, "Correct `files:` or what it names.");
        tree.requireFit();
        return tree.content(spec.composeDirectory());
    }

    private void collect(List<String> paths) {
        for (String path : paths) {
            if (leadsThroughDirectories(path)) {
                add(path);
            }
        }
        while (!directories.isEmpty() && !isTooMany()) {
            String parent = directories.removeFirst();
            try (DirectoryStream<Path> names = Files.newDirectoryStream(repository.resolve(parent))) {
                for (Path name : names) {
                    add(parent + "/" + name.getFileName());
                    if (isTooMany()) {
                        break;
                    }
                }
            } catch (IOException unreadable) {
                problem(parent, "cannot be read: " + unreadable);
            }
        }
        if (isTooMany()) {
            problems.clear();
            problems.add("they are more than %d files; at most so many travel".formatted(ShippedFiles.MOST));
        }
    }

    private boolean isTooMany() {
        return entries > CommittedFiles.MOST_ENTRIES || files.size() > ShippedFiles.MOST;
    }

    private boolean leadsThroughDirectories(String path) {
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            String parent = path.substring(0, slash);
            if (!Files.isDirectory(repository.resolve(parent), LinkOption.NOFOLLOW_LINKS)) {
                problem(path, "\"%s\" is no directory in the working tree".formatted(parent));
                return false;
            }
        }
        return true;
    }

    private void add(String path) {
        entries++;
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (!CommittedFiles.NAME.matcher(name).matches()) {
            problem(path, "its name has other characters than letters, digits and . _ @ + -; rename it");
            return;
        }
        try {
            PosixFileAttributes attributes = Files.readAttributes(
                    repository.resolve(path), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (name.equals(".git")) {
                problem(path, "a repository of its own is there; only ordinary files travel");
            } else if (attributes.isDirectory()) {
                directories.add(path);
            } else if (attributes.isRegularFile()) {
                files.put(path, attributes);
            } else {
                problem(
                        path,
                        attributes.isSymbolicLink()
                                ? "a symbolic link; only ordinary files travel"
                                : "no ordinary file; only those travel");
            }
        } catch (IOException missing) {
            problem(path, "it is not in the working tree, or cannot be read");
        }
    }

    private void requireFit() {
        long sum = files.values().stream().mapToLong(PosixFileAttributes::size).sum();
        if (sum > CommittedFiles.MAX_SUM) {
            problems.add("they have %d bytes in sum, more than %d".formatted(sum, CommittedFiles.MAX_SUM));
        }
        refuse(FailureCode.OUTPUT_TOO_LARGE, "Put what is large into an image, or onto a volume of the hosts.");
    }

    private ShippedFiles content(String directory) {
        SortedMap<String, ShippedFile> content = new TreeMap<>();
        files.forEach((path, attributes) -> {
            try (InputStream in = Files.newInputStream(repository.resolve(path), LinkOption.NOFOLLOW_LINKS)) {
                content.put(
                        path.substring(directory.length()),
                        // The one of the bits that Git keeps.
                        ShippedFile.of(
                                attributes.permissions().contains(PosixFilePermission.OWNER_EXECUTE),
                                in.readNBytes(CommittedFiles.MAX_SUM)));
            } catch (IOException unreadable) {
                problem(path, "cannot be read: " + unreadable);
            }
        });
        refuse(FailureCode.DEPLOY_SPEC_INVALID, "Make them readable for whoever runs this.");
        return new ShippedFiles(content, new TreeSet<>());
    }

    private void problem(String path, String why) {
        problems.add("\"%s\": %s".formatted(path.replaceAll("[^ -~]", "?"), why));
    }

    private void refuse(FailureCode code, String next) {
        if (!problems.isEmpty()) {
            throw new ExecutorException(new Failure(
                    code,
                    "read the files that travel with the release",
                    "files: of "
                            + Shown.plain(
                                    repository.resolve(Checkout.DEPLOY_SPEC).toString()),
                    String.join("\n", problems),
                    next));
        }
    }
}
