package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The images that a host's engine has, by the names under which it has them.
 *
 * @param names {@code repository@digest}
 * @param digests by {@code repository:tag}
 */
record ImageStock(Set<String> names, Map<String, Digest> digests) {

    ImageStock {
        names = Set.copyOf(names);
        digests = Map.copyOf(digests);
    }

    /** Of the output of {@code state.sh}; lines that make no sense are left out. */
    static ImageStock parse(String output) {
        Set<String> names = new HashSet<>();
        Map<String, Digest> digests = new HashMap<>();
        output.lines().filter(line -> line.startsWith("have ")).forEach(line -> {
            String[] words = line.split(" ", -1);
            if (words.length == 4 && words[3].startsWith("sha256:")) {
                names.add(words[1] + "@" + words[3]);
                digest(words[3]).ifPresent(digest -> digests.put(words[1] + ":" + words[2], digest));
            }
        });
        return new ImageStock(names, digests);
    }

    private static Optional<Digest> digest(String text) {
        try {
            return Optional.of(new Digest(text));
        } catch (IllegalArgumentException foreign) {
            return Optional.empty();
        }
    }

    /** Whether a container can be made of exactly this image without a registry; {@code image} has a digest. */
    boolean has(ImageRef image) {
        return image.digest()
                .map(digest -> names.contains(familiar(image) + "@" + digest))
                .orElse(false);
    }

    /** What the tag stands for there, which a registry may have given another image since. */
    Optional<Digest> digest(ImageRef image) {
        return image.digest()
                .or(() -> Optional.ofNullable(
                        digests.get(familiar(image) + ":" + image.tag().orElse("latest"))));
    }

    /** As the engine's lists have it: its default registry is left out. */
    private static String familiar(ImageRef image) {
        return image.repository().replaceFirst("^docker\\.io/", "").replaceFirst("^library/", "");
    }
}
