package dev.gitopsexecutor.config;

import dev.gitopsexecutor.io.Sha256;

/** SHA-256 of a file's bytes as they were read; made only when it is asked for, since that takes a short process long. */
public final class FileHash {
    private final byte[] content;

    FileHash(byte[] content) {
        this.content = content;
    }

    /** 64 hexadecimal digits. */
    public String hex() {
        return Sha256.hex(content);
    }
}
