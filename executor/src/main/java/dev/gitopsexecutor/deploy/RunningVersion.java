package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A release as a reader tells it from others: the tag and digest of each of its services. */
public record RunningVersion(ReleaseId release, SortedMap<ServiceName, ImageRef> images) {

    public RunningVersion {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
    }

    /** {@code v1, v2 (0123456789ab)}. */
    String describe() {
        return describe(images);
    }

    /** The same of images that need not be known: then without digests. */
    static String describe(SortedMap<ServiceName, ImageRef> images) {
        boolean unknown =
                images.values().stream().anyMatch(image -> image.digest().isEmpty());
        return unknown ? tags(images) : "%s (%s)".formatted(tags(images), digests(images));
    }

    /** {@code 1a2b3c4d}, or one for each service when their tags differ. */
    public String tags() {
        return tags(images);
    }

    /** The same of images that need not be known. */
    static String tags(SortedMap<ServiceName, ImageRef> images) {
        return images.values().stream()
                .map(image -> image.tag().orElse("untagged"))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** The digests, each abbreviated to 12 digits. */
    public String digests() {
        return digests(images);
    }

    private static String digests(SortedMap<ServiceName, ImageRef> images) {
        return images.values().stream()
                .map(image -> image.digest().map(digest -> digest.abbreviated()).orElse("unknown"))
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
