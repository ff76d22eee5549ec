package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.ImageRef;
import java.util.List;

/**
 * Images that containers of a job may run. An entry with a digest allows that image by whatever tag a job writes; one
 * without allows whatever that tag is. Nothing is allowed when there is no entry.
 */
public record ImageRule(List<ImageRef> entries) {
    public static final ImageRule NONE = new ImageRule(List.of());

    public ImageRule {
        entries = List.copyOf(entries);
    }

    /** Of references as in policy.yaml. */
    public static ImageRule of(String... entries) {
        return new ImageRule(List.of(entries).stream().map(ImageRef::parse).toList());
    }

    /** Whether the image can be one of these, before anybody knows what its tag stands for. */
    boolean mayAllow(ImageRef written) {
        return entries.stream().anyMatch(entry -> entry.equals(written) || mayBe(entry, written));
    }

    private static boolean mayBe(ImageRef entry, ImageRef written) {
        return entry.digest().isPresent()
                && isSameRepository(entry, written)
                && (written.digest().isEmpty() || written.digest().equals(entry.digest()));
    }

    /**
     * Whether the image is one of these.
     *
     * @param resolved the same with the digest that it stands for, where it has one
     */
    boolean allows(ImageRef written, ImageRef resolved) {
        return entries.stream()
                .anyMatch(entry -> entry.digest().isPresent()
                        ? isSameRepository(entry, resolved) && entry.digest().equals(resolved.digest())
                        : entry.equals(written));
    }

    private static boolean isSameRepository(ImageRef entry, ImageRef image) {
        return entry.repository().equals(image.repository());
    }

    List<String> names() {
        return entries.stream().map(ImageRef::toString).toList();
    }
}
