package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.PlainText;
import java.nio.file.Path;
import java.util.Optional;

/** Judges the paths of a Compose file that are relative in it: on a host there is what travels with the release, no more. */
final class RelativePaths {
    private final Path root;
    private final Path directory;
    private final ShippedFiles shipped;

    /**
     * @param root nothing that is no part of the release is below it
     * @param directory to which Compose took paths as relative; deep enough below {@code root} that those which lead out of
     *     it are still recognised
     */
    RelativePaths(String root, String directory, ShippedFiles shipped) {
        this.root = Path.of(root);
        this.directory = Path.of(directory);
        this.shipped = shipped;
    }

    /** Whether the file names it relative to its own directory. */
    boolean isRelative(String seen) {
        // Not Path.of: a name of a volume may be anything.
        return seen.startsWith(root + "/");
    }

    /**
     * Why hosts do not have it; empty for a path that was absolute in the file, and for one that travels.
     *
     * @param who names it in the file: {@code service "app"}
     * @param seen as Compose made it absolute
     */
    Optional<String> problem(String who, String seen) {
        if (!isRelative(seen)) {
            return Optional.empty();
        }
        String path = directory.relativize(Path.of(seen).normalize()).toString();
        boolean above = path.equals("..") || path.startsWith("../");
        if (!above && shipped.hold(path)) {
            return Optional.empty();
        }
        String shown = PlainText.sentence(above ? path : "./" + path);
        String subject = "%s mounts the relative path \"%s\", ".formatted(PlainText.sentence(who), shown);
        if (above) {
            return Optional.of(subject + "which leads out of the Compose file's directory; use an absolute path");
        }
        return Optional.of(
                shipped.holdPartOf(path)
                        ? subject + "of which a part travels to the hosts; list the directory itself under `files:` of"
                                + " deploy.yaml"
                        : subject
                                + "which no host has; use a named volume or an absolute path for data, and list what is"
                                + " in the repository under `files:` of deploy.yaml");
    }
}
