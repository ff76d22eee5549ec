package dev.gitopsexecutor.deploy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What {@code ready.sh} tells of a release that is to be brought back.
 *
 * @param whole whether all its files are there
 * @param files SHA-256 of them by name; of those that travelled together as {@code files}
 * @param missing images that the host's engine does not have
 */
record StoredState(boolean whole, Map<String, String> files, List<String> missing) {
    StoredState {
        files = Map.copyOf(files);
        missing = List.copyOf(missing);
    }

    static StoredState parse(String output) {
        List<String[]> lines = output.lines().map(line -> line.split(" ", -1)).toList();
        return new StoredState(
                lines.stream().anyMatch(words -> words.length == 1 && words[0].equals("whole")),
                lines.stream()
                        .filter(words -> words.length == 3 && words[0].equals("file"))
                        .collect(Collectors.toMap(words -> words[1], words -> words[2], (first, _) -> first)),
                lines.stream()
                        .filter(words -> words.length == 2 && words[0].equals("missing"))
                        .map(words -> words[1])
                        .toList());
    }

    /** Whether what travelled with {@code release} is still that, as far as its record says what it was. */
    boolean holds(ReleaseRecord release) {
        return whole
                && release.files()
                        .filter(hash -> !hash.equals(files.get("files")))
                        .isEmpty();
    }
}
