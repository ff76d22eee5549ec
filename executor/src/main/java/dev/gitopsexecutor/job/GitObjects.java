package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.CommitSha;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code git cat-file --batch} printed, each object believed only for its own hash: whoever may write to a repository
 * can make Git print anything under any name.
 *
 * @see <a href="https://git-scm.com/docs/git-cat-file#_batch_output">the format</a>
 */
final class GitObjects {
    private static final String DIRECTORY = "40000";

    private final CommitSha commit;
    private final Map<String, GitObject> objects;

    private GitObjects(CommitSha commit, Map<String, GitObject> objects) {
        this.commit = commit;
        this.objects = objects;
    }

    private record GitObject(String type, String content) {}

    /** What to ask Git for, so that {@code path} can be followed from the commit. */
    static List<String> names(CommitSha commit, String path) {
        List<String> names = new ArrayList<>(List.of(commit.value(), commit + "^{tree}"));
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            names.add(commit + ":" + path.substring(0, slash));
        }
        names.add(commit + ":" + path);
        return names;
    }

    /** Names that Git does not know are left out. */
    static GitObjects parse(CommitSha commit, byte[] batch) {
        // One character a byte, so that positions are those of the bytes.
        String text = new String(batch, ISO_8859_1);
        Map<String, GitObject> objects = new HashMap<>();
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            String[] head = text.substring(at, end < 0 ? text.length() : end).split(" ", -1);
            at = end < 0 ? text.length() : end + 1;
            if (head.length == 3 && head[2].matches("[0-9]{1,9}")) {
                int size = Math.min(Integer.parseInt(head[2]), text.length() - at);
                GitObject object = new GitObject(head[1], text.substring(at, at + size));
                objects.put(hash(object, commit), object);
                at += size + 1;
            }
        }
        return new GitObjects(commit, objects);
    }

    /**
     * The file's bytes; empty when the commit has no such file.
     *
     * @throws IllegalArgumentException with a sentence when an object on the way is missing or is not what its hash says,
     *     or the path does not lead to a file
     */
    Optional<byte[]> file(String path) {
        String tree = root();
        String[] names = path.split("/", -1);
        for (int depth = 0; depth < names.length; depth++) {
            Optional<Entry> entry = entry(tree, names[depth]);
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            boolean last = depth == names.length - 1;
            if (last != entry.get().isFile() || (!last && !entry.get().isDirectory())) {
                throw new IllegalArgumentException(
                        "\"%s\" is no %s in the commit".formatted(names[depth], last ? "ordinary file" : "directory"));
            }
            tree = entry.get().hash();
        }
        return Optional.of(blob(tree));
    }

    /** What a directory holds under a name; its mode in the digits of Git. */
    record Entry(String name, String mode, String hash) {
        boolean isFile() {
            return mode.equals("100644") || isExecutable();
        }

        boolean isExecutable() {
            return mode.equals("100755");
        }

        boolean isDirectory() {
            return mode.equals(DIRECTORY);
        }
    }

    /** These and those of another answer. */
    GitObjects and(byte[] batch) {
        Map<String, GitObject> both = new HashMap<>(objects);
        both.putAll(parse(commit, batch).objects);
        return new GitObjects(commit, both);
    }

    boolean has(String hash) {
        return objects.containsKey(hash);
    }

    /** The commit's own directory. */
    String root() {
        return object(commit.value(), "commit")
                .lines()
                .findFirst()
                .filter(line -> line.startsWith("tree "))
                .map(line -> line.substring("tree ".length()))
                .orElseThrow(() -> new IllegalArgumentException("commit %s names no tree".formatted(commit)));
    }

    /** The first line of the commit's message; empty when the commit is not there, or has no message. */
    Optional<String> commitTitle() {
        return commitText()
                .map(text -> text.substring(text.indexOf("\n\n") + 1))
                .flatMap(GitObjects::firstLine);
    }

    /** The name of its author, as the author gave it. */
    Optional<String> commitAuthor() {
        return commitText()
                .map(text -> text.substring(0, text.indexOf("\n\n") + 1))
                .flatMap(head ->
                        head.lines().filter(line -> line.startsWith("author ")).findFirst())
                .map(line -> line.substring("author ".length()).replaceFirst(" *<.*$", ""))
                .flatMap(GitObjects::firstLine);
    }

    /** As text, if it has both a head and a message. */
    private Optional<String> commitText() {
        return Optional.ofNullable(objects.get(commit.value()))
                .filter(object -> object.type().equals("commit"))
                .map(object -> new String(object.content().getBytes(ISO_8859_1), UTF_8))
                .filter(text -> text.contains("\n\n"));
    }

    private static Optional<String> firstLine(String text) {
        return text.lines()
                .map(line -> PlainText.line(line).strip())
                .filter(line -> !line.isEmpty())
                .findFirst();
    }

    Optional<Entry> entry(String tree, String name) {
        return entries(tree).stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    /** Of the directory with that hash; names with one character a byte. */
    List<Entry> entries(String hash) {
        String tree = object(hash, "tree");
        List<Entry> entries = new ArrayList<>();
        int hashLength = commit.value().length() / 2;
        int at = 0;
        while (at < tree.length()) {
            int space = tree.indexOf(' ', at);
            int end = tree.indexOf('\0', Math.max(at, space));
            if (space < 0 || end < 0 || end + hashLength >= tree.length()) {
                throw new IllegalArgumentException("the commit has a damaged tree");
            }
            String named = HexFormat.of()
                    .formatHex(tree.substring(end + 1, end + 1 + hashLength).getBytes(ISO_8859_1));
            entries.add(new Entry(tree.substring(space + 1, end), tree.substring(at, space), named));
            at = end + 1 + hashLength;
        }
        return entries;
    }

    byte[] blob(String hash) {
        return object(hash, "blob").getBytes(ISO_8859_1);
    }

    private String object(String hash, String type) {
        GitObject object = objects.get(hash);
        if (object == null || !object.type().equals(type)) {
            throw new IllegalArgumentException("the repository has no %s %s, or other bytes under that name"
                    .formatted(type, hash.substring(0, 8)));
        }
        return object.content();
    }

    private static String hash(GitObject object, CommitSha like) {
        try {
            MessageDigest digest = MessageDigest.getInstance(like.value().length() == 40 ? "SHA-1" : "SHA-256");
            digest.update("%s %d\0"
                    .formatted(object.type(), object.content().length())
                    .getBytes(US_ASCII));
            return HexFormat.of().formatHex(digest.digest(object.content().getBytes(ISO_8859_1)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
