package dev.gitopsexecutor.ledger;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.io.FileMutex;
import dev.gitopsexecutor.io.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Every decision as one line of JSON, in a file that only grows. Each line names the hash of the one before, so that a
 * line that was changed, moved or taken out shows; what was cut off at the end shows against a hash that was noted
 * elsewhere.
 */
public final class AuditLog {
    private static final String START = "0".repeat(64);
    private static final int LONGEST_LINE = 1 << 20;
    private static final int LONGEST_TORN = 4096;
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    /** Where it lies in an executor's state directory. */
    public static Path in(Path stateDirectory) {
        return stateDirectory.resolve("audit.jsonl");
    }

    public AuditLog(Path file) {
        this.file = file;
    }

    /**
     * What {@link #verify} found.
     *
     * @param entries whole ones, up to the first that is wrong
     * @param head SHA-256 of the last of them
     * @param fault what is wrong with the line after them
     */
    public record Chain(long entries, String head, Optional<String> fault) {}

    private record Tail(long number, String hash, long length, String torn) {}

    /** Returns once the line is on disk; waits for other writers. Throws {@code AUDIT_FAILED}. */
    public void append(AuditEntry entry) {
        try {
            AtomicFiles.createPrivateDirectories(
                    requireNonNull(file.toAbsolutePath().getParent()));
            FileMutex.hold(file, channel -> {
                append(channel, entry);
                return true;
            });
        } catch (IOException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.AUDIT_FAILED,
                            "write the decision down",
                            file.toString(),
                            failed.toString(),
                            "See that the disk has space and that the executor's user may write the file; without it nothing"
                                    + " is allowed. `gitops-executor audit verify` says whether the file is whole."),
                    failed);
        }
    }

    private static void append(FileChannel channel, AuditEntry entry) throws IOException {
        Tail tail = tail(channel);
        ByteBuffer line = ByteBuffer.wrap((json(entry, tail) + "\n").getBytes(UTF_8));
        channel.truncate(tail.length());
        channel.position(tail.length());
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(true);
        } catch (IOException failed) {
            // Half a line would be taken for damage by whoever reads on.
            channel.truncate(tail.length());
            throw failed;
        }
    }

    /** What stands after the last newline was never acknowledged; it is kept in the next entry. */
    private static Tail tail(FileChannel channel) throws IOException {
        long size = channel.size();
        int length = (int) Math.min(size, LONGEST_LINE);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, size - length + bytes.position()) >= 0) {
            // Reads on.
        }
        String text = new String(bytes.array(), ISO_8859_1);
        int end = text.lastIndexOf('\n');
        int tornLength = length - end - 1;
        String torn = new String(bytes.array(), end + 1, tornLength, UTF_8);
        if (end < 0 && length == LONGEST_LINE) {
            throw new IOException("the last line has no end");
        }
        if (end < 0) {
            return new Tail(0, START, size - tornLength, torn);
        }
        int begin = text.lastIndexOf('\n', end - 1) + 1;
        byte[] last = Arrays.copyOfRange(bytes.array(), begin, end);
        return new Tail(number(last), Sha256.hex(last), size - tornLength, torn);
    }

    private static long number(byte[] line) throws IOException {
        try {
            return JSON.readTree(line).path("seq").asLong();
        } catch (JsonProcessingException damaged) {
            throw new IOException("the last line is damaged", damaged);
        }
    }

    private static String json(AuditEntry entry, Tail tail) throws IOException {
        ObjectNode line = JSON.createObjectNode()
                .put("seq", tail.number() + 1)
                .put("time", entry.time().toString());
        line.set("actor", object(entry.actor()));
        line.put("act", entry.act());
        line.set("object", object(entry.object()));
        line.put("result", entry.result());
        line.set("reasons", JSON.valueToTree(entry.reasons()));
        line.set("details", JSON.valueToTree(entry.details()));
        line.put("policy", entry.policyHash()).put("config", entry.configHash());
        if (!tail.torn().isEmpty()) {
            line.put("torn", tail.torn().substring(0, Math.min(tail.torn().length(), LONGEST_TORN)));
        }
        return JSON.writeValueAsString(line.put("prev", tail.hash()));
    }

    private static JsonNode object(Map<String, String> values) {
        return JSON.valueToTree(new TreeMap<>(values));
    }

    /** Reads the whole file; an absent one is whole and empty. What is being written, or was left half, is no part of it. */
    public Chain verify() {
        long entries = 0;
        String head = START;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            boolean ended = endsInNewline();
            String line = lines.readLine();
            while (line != null) {
                String next = lines.readLine();
                if (next == null && !ended) {
                    break;
                }
                Optional<String> fault = fault(line, entries + 1, head);
                if (fault.isPresent()) {
                    return new Chain(entries, head, fault);
                }
                entries++;
                head = Sha256.hex(line.getBytes(UTF_8));
                line = next;
            }
            return new Chain(entries, head, Optional.empty());
        } catch (NoSuchFileException nothingYet) {
            return new Chain(0, START, Optional.empty());
        } catch (IOException failed) {
            return new Chain(entries, head, Optional.of(failed.toString()));
        }
    }

    private boolean endsInNewline() throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.read(last, Math.max(0, channel.size() - 1)) == 1 && last.get(0) == '\n';
        }
    }

    private static Optional<String> fault(String line, long number, String head) {
        try {
            JsonNode root = JSON.readTree(line);
            if (root.path("seq").asLong() != number) {
                return Optional.of(
                        "it has number %d, not %d".formatted(root.path("seq").asLong(), number));
            }
            return root.path("prev").asText().equals(head)
                    ? Optional.empty()
                    : Optional.of("it does not follow the line before: one of the two was changed");
        } catch (JsonProcessingException damaged) {
            return Optional.of("it is not whole");
        }
    }
}
