package dev.gitopsexecutor.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.model.EnvironmentName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An operator's word that an environment may change in spite of what the policy lets be skipped in need. It is given on
 * the executor's own machine: what a job carries, its author or another job of its pipeline could have put there.
 *
 * @param reason one line, for the job log and the audit log
 * @param by who gave it, as the machine knows them
 * @param until when it ends by itself
 */
public record BrokenGlass(EnvironmentName environment, String reason, String by, Instant until) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern REASON = Pattern.compile("[^\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]{8,200}");

    /** Throws {@link IllegalArgumentException} with a sentence when the reason is none. */
    public BrokenGlass {
        if (!REASON.matcher(reason).matches()) {
            throw new IllegalArgumentException("a reason is one line of 8 to 200 characters");
        }
    }

    /** As it is told. */
    public String told() {
        return "%s (broken by %s until %s)".formatted(reason, by, until);
    }

    /** From now on it holds, in place of one that held before. */
    public void write(Path stateDirectory) {
        Path file = file(stateDirectory, environment);
        try {
            AtomicFiles.createPrivateDirectories(requireNonNull(file.getParent()));
            AtomicFiles.write(
                    file,
                    JSON.createObjectNode()
                            .put("reason", reason)
                            .put("by", by)
                            .put("until", until.toString())
                            .toString()
                            .getBytes(UTF_8));
        } catch (IOException failed) {
            throw unusable("break the glass", file, failed);
        }
    }

    /** The one that holds at {@code now}. */
    public static Optional<BrokenGlass> read(Path stateDirectory, EnvironmentName environment, Instant now) {
        Path file = file(stateDirectory, environment);
        try {
            JsonNode json = JSON.readTree(Files.readString(file));
            return Optional.of(new BrokenGlass(
                            environment,
                            json.path("reason").asText(),
                            json.path("by").asText(),
                            Instant.parse(json.path("until").asText())))
                    .filter(glass -> now.isBefore(glass.until()));
        } catch (NoSuchFileException whole) {
            return Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException damaged) {
            throw unusable("see whether the glass is broken", file, new IOException("the file is damaged", damaged));
        } catch (IOException failed) {
            throw unusable("see whether the glass is broken", file, failed);
        }
    }

    /** Whether there was one to end. */
    public static boolean end(Path stateDirectory, EnvironmentName environment) {
        Path file = file(stateDirectory, environment);
        try {
            return Files.deleteIfExists(file);
        } catch (IOException failed) {
            throw unusable("mend the glass", file, failed);
        }
    }

    private static Path file(Path stateDirectory, EnvironmentName environment) {
        return stateDirectory.resolve("break-glass").resolve(environment + ".json");
    }

    private static ExecutorException unusable(String tried, Path file, IOException cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.STATE_UNUSABLE,
                        tried,
                        file.toString(),
                        cause.toString(),
                        "Give the file to the user that the runner runs as, or remove it: then the glass is whole."),
                cause);
    }
}
