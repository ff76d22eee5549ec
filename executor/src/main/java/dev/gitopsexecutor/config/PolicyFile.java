package dev.gitopsexecutor.config;

import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.policy.Policy;
import java.nio.file.Path;

/**
 * {@code policy.yaml} as it was read.
 *
 * @param hash SHA-256 of its bytes, 64 hexadecimal digits
 */
public record PolicyFile(Policy policy, String hash) {

    /** Enough of the hash to tell two policies apart. */
    public String shortHash() {
        return hash.substring(0, 12);
    }

    /** Fails with every problem of the file at once, and when others than its owner could have written it. */
    public static PolicyFile read(Path file) {
        return parse(SafeFile.read(file), file.toString());
    }

    /** Reads it for its author, who may keep it in Git, before it decides anything. */
    public static PolicyFile review(Path file) {
        return parse(ReviewedFile.read(file), file.toString());
    }

    static PolicyFile parse(byte[] content, String shownPath) {
        Problems problems = new Problems(FailureCode.CONFIG_INVALID, shownPath);
        Policy policy = Yaml.read(content, problems).flatMap(PolicyReader::read).orElseThrow(problems::failure);
        return new PolicyFile(policy, Sha256.hex(content));
    }
}
