package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.target.RemoteInput;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Files of the repository that travel with a release.
 *
 * @param files by their path relative to the directory of the Compose file, with {@code /} between names that no shell or
 *     program reads as more than a name
 * @param whole directories, by path, of which everything that the commit has is among the files; {@code ""} for the Compose
 *     file's own
 */
public record ShippedFiles(SortedMap<String, ShippedFile> files, SortedSet<String> whole) {
    /** So many files travel at most. */
    public static final int MOST = 200;

    public static final ShippedFiles NONE = new ShippedFiles(new TreeMap<>(), new TreeSet<>());

    public ShippedFiles {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        whole = Collections.unmodifiableSortedSet(new TreeSet<>(whole));
    }

    /**
     * One of them, with mode 0755 or 0644.
     *
     * @param base64 its bytes
     */
    public record ShippedFile(boolean executable, String base64) {

        public static ShippedFile of(boolean executable, byte[] content) {
            return new ShippedFile(executable, Base64.getEncoder().encodeToString(content));
        }

        byte[] content() {
            return Base64.getDecoder().decode(base64);
        }
    }

    /** All that a release has; whatever it does not have, its Compose file does not name. */
    static ShippedFiles whole(SortedMap<String, ShippedFile> files) {
        SortedSet<String> directories = new TreeSet<>();
        directories.add("");
        files.keySet().forEach(path -> directories.addAll(parents(path)));
        return new ShippedFiles(files, directories);
    }

    private static List<String> parents(String path) {
        List<String> parents = new ArrayList<>();
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            parents.add(path.substring(0, slash));
        }
        return parents;
    }

    /** Whether everything that the repository has at {@code path} travels. */
    boolean hold(String path) {
        return files.containsKey(path) || whole.contains(path);
    }

    /** Whether something below {@code path} travels. */
    boolean holdPartOf(String path) {
        String below = path.isEmpty() ? "" : path + "/";
        return files.keySet().stream().anyMatch(file -> file.startsWith(below));
    }

    /** SHA-256 of all names, modes and contents, as {@code layout.sh} computes it on a host. */
    String hash() {
        SortedSet<String> lines = new TreeSet<>();
        lines.add(".");
        files.forEach((path, file) -> {
            parents(path).forEach(parent -> lines.add("./" + parent));
            lines.add("%s%s ./%s".formatted(file.executable() ? "x " : "", Sha256.hex(file.content()), path));
        });
        return Sha256.hex(String.join("\n", lines) + "\n");
    }

    /** As {@code ship} of {@code layout.sh} reads them. */
    RemoteInput addTo(RemoteInput input) {
        files.forEach((path, file) ->
                input.add(path).add(file.executable() ? "0755" : "0644").addBytes(file.content()));
        return input.add("");
    }
}
