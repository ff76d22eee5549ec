import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A commit as Git stores it, since the launcher believes an object only for its hash. */
final class Commit {
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private final String hash;

    /** {@code files} are texts by path. */
    Commit(Map<String, String> files) throws IOException, NoSuchAlgorithmException {
        hash = object("commit", ("tree " + tree(new TreeMap<>(files)) + "\n\ntraining\n").getBytes(UTF_8));
    }

    String hash() {
        return hash;
    }

    /** All its objects as {@code git cat-file --batch} prints them. */
    byte[] batch() {
        return batch.toByteArray();
    }

    private String tree(SortedMap<String, String> files) throws IOException, NoSuchAlgorithmException {
        SortedMap<String, SortedMap<String, String>> directories = new TreeMap<>();
        ByteArrayOutputStream entries = new ByteArrayOutputStream();
        for (Map.Entry<String, String> file : files.entrySet()) {
            String[] names = file.getKey().split("/", 2);
            if (names.length == 2) {
                directories.computeIfAbsent(names[0], _ -> new TreeMap<>()).put(names[1], file.getValue());
            }
        }
        for (Map.Entry<String, SortedMap<String, String>> directory : directories.entrySet()) {
            entry(entries, "40000", directory.getKey(), tree(directory.getValue()));
        }
        for (Map.Entry<String, String> file : files.entrySet()) {
            if (!file.getKey().contains("/")) {
                entry(entries, "100644", file.getKey(), object("blob", file.getValue().getBytes(UTF_8)));
            }
        }
        return object("tree", entries.toByteArray());
    }

    private static void entry(ByteArrayOutputStream tree, String mode, String name, String hash) throws IOException {
        tree.write((mode + " " + name + "\0").getBytes(UTF_8));
        tree.write(HexFormat.of().parseHex(hash));
    }

    private String object(String type, byte[] content) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        digest.update("%s %d\0".formatted(type, content.length).getBytes(UTF_8));
        String name = HexFormat.of().formatHex(digest.digest(content));
        batch.write("%s %s %d\n".formatted(name, type, content.length).getBytes(UTF_8));
        batch.write(content);
        batch.write('\n');
        return name;
    }
}
