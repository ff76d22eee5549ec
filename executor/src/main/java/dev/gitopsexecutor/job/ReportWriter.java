package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.report.ReportFiles;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.CommandResult;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Puts a report where the job's artifacts come from: into its project's directory, with the rights that the job's own script
 * has. Whatever the script left in its place goes away.
 */
final class ReportWriter {
    /** Below the project's directory. */
    static final String DIRECTORY = "gitops-report";

    private static final int MAX_OUTPUT = 64 * 1024;

    /**
     * The directory is made beside its place and moved there whole. Arguments: project's directory, name of the report's
     * directory, then name and size of each file; the files themselves are the stdin, one after the other.
     */
    private static final String WRITE = """
            set -eu
            umask 022
            project=$1 report=$2
            shift 2
            cd -P "$project"
            if [ "$(pwd -P)" != "$project" ]; then
              echo "$project is a link" >&2
              exit 1
            fi
            new=$(mktemp -d ".$report.XXXXXX")
            trap 'rm -rf "$new"' EXIT
            cat > "$new/.all"
            at=1
            while [ $# -gt 0 ]; do
              tail -c "+$at" "$new/.all" | head -c "$2" > "$new/$1"
              at=$((at + $2))
              shift 2
            done
            if [ "$(($(wc -c < "$new/.all") + 1))" != "$at" ]; then
              echo "the files came incomplete" >&2
              exit 1
            fi
            rm "$new/.all"
            chmod 755 "$new"
            if [ -d "$report" ] && [ ! -L "$report" ]; then
              chmod -R u+rwX "$report"
            fi
            rm -rf "$report"
            mv "$new" "$report"
            """;

    private final Sandbox sandbox;
    private final JobResponse response;
    private final Path directory;

    ReportWriter(Sandbox sandbox, JobResponse response, String buildsDir) {
        this.sandbox = sandbox;
        this.response = response;
        this.directory = response.projectDirectory(buildsDir);
    }

    /** Returns what kept it from being written; throws what keeps this machine from trying. */
    Optional<String> write(ReportFiles files) {
        SequencedMap<String, byte[]> contents = contents(files);
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        contents.values().forEach(input::writeBytes);
        CommandResult written =
                sandbox.runInHelper(response.id(), command(directory, contents), input.toByteArray(), MAX_OUTPUT);
        return written.exitCode() == 0
                ? Optional.empty()
                : Optional.of(PlainText.sentence("%s\nexit code %d".formatted(written.stderr(), written.exitCode())));
    }

    static SequencedMap<String, byte[]> contents(ReportFiles files) {
        SequencedMap<String, byte[]> contents = new LinkedHashMap<>();
        contents.put(ReportFiles.PAGE, files.page().getBytes(UTF_8));
        contents.put(ReportFiles.JSON, files.json().getBytes(UTF_8));
        contents.put(ReportFiles.DOTENV, files.dotenv().getBytes(UTF_8));
        return contents;
    }

    /** Runs anywhere with a shell. */
    static List<String> command(Path directory, Map<String, byte[]> contents) {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", WRITE, "write-report", directory.toString(), DIRECTORY));
        contents.forEach((name, content) -> {
            command.add(name);
            command.add(Integer.toString(content.length));
        });
        return command;
    }
}
