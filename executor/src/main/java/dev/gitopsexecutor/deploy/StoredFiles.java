package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretValue;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code read.sh} tells of a release's files; holds secrets. Each method throws {@code IllegalArgumentException} when its
 * file is not there, or is none that we wrote.
 */
final class StoredFiles {
    private final List<String> lines;

    private StoredFiles(List<String> lines) {
        this.lines = lines;
    }

    static StoredFiles of(String output) {
        return new StoredFiles(output.lines().toList());
    }

    String compose() {
        return text("compose.yaml");
    }

    /** The env file's whole content. */
    SortedMap<EnvKey, SecretValue> variables() {
        return EnvFile.parse(SecretValue.of(text(".env")));
    }

    ShippedFiles shipped() {
        SortedMap<String, ShippedFile> files = new TreeMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("shipped")) {
                if (words.length != 4) {
                    throw new IllegalArgumentException("a damaged line");
                }
                files.put(decode(words[1]), new ShippedFile(words[2].equals("0755"), words[3]));
            }
        }
        return ShippedFiles.whole(files);
    }

    private String text(String name) {
        String label = name + " ";
        return lines.stream()
                .filter(line -> line.startsWith(label))
                .map(line -> decode(line.substring(label.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no " + name));
    }

    private static String decode(String base64) {
        return Base64Text.decode(base64).orElseThrow(() -> new IllegalArgumentException("no base64"));
    }
}
