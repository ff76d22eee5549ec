package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;

/** Texts as scripts on hosts print them, on one line each: UTF-8 in base64. */
final class Base64Text {
    private Base64Text() {}

    /** Empty when it is no base64. */
    static Optional<String> decode(String base64) {
        try {
            return Optional.of(new String(Base64.getDecoder().decode(base64), UTF_8));
        } catch (IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }
}
