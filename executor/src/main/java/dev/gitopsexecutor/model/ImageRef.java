package dev.gitopsexecutor.model;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container image by name: {@code registry.example.com:5000/shop/app:1.2@sha256:…}, tag and digest both optional.
 *
 * @see <a href="https://github.com/distribution/reference">the grammar of image references</a>
 */
public record ImageRef(String repository, Optional<String> tag, Optional<Digest> digest) {
    private static final String HOST = "[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?";
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
    private static final Pattern REPOSITORY =
            Pattern.compile("(?:" + HOST + "/)?" + COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern REFERENCE =
            Pattern.compile("(?<repository>[^@]+?)(?::(?<tag>[^:/@]*))?(?:@(?<digest>.*))?");
    private static final int MAX_LENGTH = 512;

    public ImageRef {
        requireNonNull(digest, "digest is null");
        Parsing.matching(REPOSITORY, repository, "an image repository");
        tag.ifPresent(text -> Parsing.matching(TAG, text, "an image tag"));
    }

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public static ImageRef parse(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        if (text.length() > MAX_LENGTH || !matcher.matches()) {
            throw new IllegalArgumentException("an image reference has the form repository:tag@digest");
        }
        return new ImageRef(
                matcher.group("repository"),
                Optional.ofNullable(matcher.group("tag")),
                Optional.ofNullable(matcher.group("digest")).map(Digest::new));
    }

    /** The registry's host and port, empty for an image of the engine's default registry. */
    public Optional<String> registry() {
        int slash = repository.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        String first = repository.substring(0, slash);
        boolean isHost = first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        return isHost ? Optional.of(first) : Optional.empty();
    }

    public ImageRef withDigest(Digest pinned) {
        return new ImageRef(repository, tag, Optional.of(pinned));
    }

    @Override
    public String toString() {
        return repository
                + tag.map(text -> ":" + text).orElse("")
                + digest.map(text -> "@" + text).orElse("");
    }
}
