package dev.gitopsexecutor.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.JobId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/**
 * Which job showed each ID token first. A job shows its own in every process; another that shows it has stolen it.
 *
 * <p>One file for each token, in a directory for the day on which it was made, so that old ones go a day at a time.
 */
final class ShownTokens {
    /** Longer than any token is accepted. */
    private static final int DAYS = 2;

    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    private final Path directory;

    ShownTokens(Path directory) {
        this.directory = directory;
    }

    /** The job that showed it first, which is {@code job} when nobody did before. */
    JobId firstShownBy(String tokenId, Instant time, JobId job) {
        LocalDate day = LocalDate.ofInstant(time, ZoneOffset.UTC);
        Path made = directory.resolve(day.toString());
        Path file = made.resolve(Sha256.hex(tokenId.getBytes(UTF_8)));
        try {
            AtomicFiles.createPrivateDirectories(made);
            AtomicFiles.create(file, fresh -> write(fresh, job.toString()));
            removeBefore(day.minusDays(DAYS));
            return new JobId(Long.parseLong(Files.readString(file, UTF_8)));
        } catch (IOException | IllegalArgumentException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.STATE_UNUSABLE,
                            "remember which job showed the ID token",
                            file.toString(),
                            failed.toString(),
                            "Make `state_dir` of executor.yaml writable for the user that the runner runs as, and see that its"
                                    + " disk has space; a damaged file may be removed once its job has ended."),
                    failed);
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
            channel.force(true);
        }
    }

    /** What cannot be removed is in nobody's way. */
    private void removeBefore(LocalDate day) {
        try (DirectoryStream<Path> days = Files.newDirectoryStream(directory, ShownTokens::isDay)) {
            for (Path old : days) {
                if (old.getFileName().toString().compareTo(day.toString()) < 0) {
                    remove(old);
                }
            }
        } catch (IOException kept) {
            // The next job tries again.
        }
    }

    private static void remove(Path day) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(day)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(day);
        }
    }

    private static boolean isDay(Path path) {
        return DAY.matcher(path.getFileName().toString()).matches();
    }
}
