package dev.gitopsexecutor.config;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file for its author, who wants to hear of its faults; nothing is decided by it, so anybody may own it. */
public final class ReviewedFile {
    private ReviewedFile() {}

    /** One byte more than 1 MiB at most, so that whoever reads it can tell that there is more. */
    public static byte[] read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(Yaml.MAX_BYTES + 1);
        } catch (IOException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.USAGE,
                            "read the file",
                            file.toString(),
                            failed instanceof NoSuchFileException ? "there is no such file" : failed.toString(),
                            "Name a file that is there and readable."),
                    failed);
        }
    }
}
