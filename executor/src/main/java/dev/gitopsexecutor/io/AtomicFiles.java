package dev.gitopsexecutor.io;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** Writes files that a reader sees whole or not at all, also after a crash; the only writer of records and state. */
public final class AtomicFiles {
    private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private AtomicFiles() {}

    /** Replaces {@code file} by {@code content}; the file has mode 0600 before its first byte is written. */
    public static void write(Path file, byte[] content) throws IOException {
        Path temporary = temporary(file);
        try {
            try (FileChannel channel = FileChannel.open(temporary, Set.of(CREATE_NEW, WRITE), OWNER_ONLY)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        keepName(file);
    }

    /**
     * Gives {@code file} its name once it is filled; when another process was faster, its file stays as it is.
     *
     * @param filler gets an empty file of mode 0600 and returns when what it wrote is on disk
     */
    public static <E extends Exception> void create(Path file, Filler<E> filler) throws IOException, E {
        Path temporary = Files.createFile(temporary(file), OWNER_ONLY);
        try {
            filler.fill(temporary);
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException faster) {
            return;
        } finally {
            Files.delete(temporary);
        }
        keepName(file);
    }

    /** Writes what a new file holds. */
    public interface Filler<E extends Exception> {
        void fill(Path file) throws IOException, E;
    }

    private static Path temporary(Path file) {
        return file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    }

    /** A name is on disk once its directory is. */
    private static void keepName(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file.resolveSibling("."))) {
            channel.force(true);
        }
    }

    /** Removes what writers left beside their files in {@code directory} that were killed before {@code time}. */
    public static void removeAbandoned(Path directory, Instant time) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, AtomicFiles::isTemporary)) {
            for (Path file : files) {
                removeOlder(file, time);
            }
        } catch (NoSuchFileException _) {
            // Nobody has written there yet.
        }
    }

    private static void removeOlder(Path file, Instant time) throws IOException {
        try {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(time)) {
                Files.delete(file);
            }
        } catch (NoSuchFileException finished) {
            // Its writer lives.
        }
    }

    private static boolean isTemporary(Path file) {
        return TEMPORARY.matcher(file.getFileName().toString()).matches() && Files.isRegularFile(file, NOFOLLOW_LINKS);
    }

    /** Creates {@code directory} and its missing parents with mode 0700. */
    public static void createPrivateDirectories(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
