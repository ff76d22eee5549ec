package dev.gitopsexecutor.runner;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How this process tells the runner whose fault a failure is, and the script's own exit code. */
public final class ExitCodes {
    private static final int DEFAULT_BUILD_FAILURE = 1;
    private static final int DEFAULT_SYSTEM_FAILURE = 2;

    private final int buildFailure;
    private final int systemFailure;
    private final Optional<Path> codeFile;

    private ExitCodes(int buildFailure, int systemFailure, Optional<Path> codeFile) {
        this.buildFailure = buildFailure;
        this.systemFailure = systemFailure;
        this.codeFile = codeFile;
    }

    /** Takes the runner's numbers where they are there and usable; a runner before 17.9 names no code file. */
    public static ExitCodes from(Map<String, String> environment) {
        return new ExitCodes(
                number(environment.get("BUILD_FAILURE_EXIT_CODE"), DEFAULT_BUILD_FAILURE),
                number(environment.get("SYSTEM_FAILURE_EXIT_CODE"), DEFAULT_SYSTEM_FAILURE),
                path(environment.get("BUILD_EXIT_CODE_FILE")));
    }

    /** The exit code of this process for a failure that the job's author has to act on. */
    public int buildFailure() {
        return buildFailure;
    }

    /** The exit code of this process for every other failure. */
    public int systemFailure() {
        return systemFailure;
    }

    public int forFailure(Blame blame) {
        return switch (blame) {
            case JOB -> buildFailure;
            case SYSTEM -> systemFailure;
        };
    }

    /** Leaves the script's exit code where the runner looks for it: a bare integer, whole or not at all. */
    public void writeScriptCode(int code) {
        codeFile.ifPresent(file -> {
            try {
                AtomicFiles.write(file, Integer.toString(code).getBytes(US_ASCII));
            } catch (IOException failed) {
                throw unusable("write the script's exit code", file, failed);
            }
        });
    }

    /** Unlinks the code of an earlier stage, which the runner would read again. */
    public void clear() {
        codeFile.ifPresent(file -> {
            try {
                Files.deleteIfExists(file);
            } catch (IOException failed) {
                throw unusable("remove the exit code of an earlier stage", file, failed);
            }
        });
    }

    private static ExecutorException unusable(String tried, Path file, IOException failed) {
        return new ExecutorException(
                new Failure(
                        FailureCode.EXIT_CODE_FILE_UNUSABLE,
                        tried,
                        file.toString(),
                        failed.toString(),
                        "See that the runner's temporary directory exists and has room."),
                failed);
    }

    private static int number(@Nullable String text, int otherwise) {
        return text != null && text.matches("[1-9][0-9]{0,2}") ? Integer.parseInt(text) : otherwise;
    }

    private static Optional<Path> path(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException unusable) {
            return Optional.empty();
        }
    }
}
