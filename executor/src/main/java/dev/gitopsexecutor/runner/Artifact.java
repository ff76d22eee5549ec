package dev.gitopsexecutor.runner;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * What the runner uploads at the end of a job.
 *
 * @param type {@code archive}, which GitLab can show file by file, or a kind of report
 * @param paths patterns below the project's directory; a directory stands for all below it
 * @param when {@code on_success}, {@code on_failure} or {@code always}
 * @see <a href="https://docs.gitlab.com/ci/yaml/#artifacts">artifacts</a>
 */
record Artifact(String type, List<String> paths, List<String> exclude, String when) {

    static Artifact of(JsonObject artifact) {
        return new Artifact(
                artifact.text("artifact_type").filter(type -> !type.isEmpty()).orElse("archive"),
                artifact.texts("paths"),
                artifact.texts("exclude"),
                artifact.text("when").filter(when -> !when.isEmpty()).orElse("on_success"));
    }

    boolean keeps(Path file, boolean isGreen) {
        return type.equals("archive")
                && (when.equals("always") || when.equals(isGreen ? "on_success" : "on_failure"))
                && paths.stream().anyMatch(pattern -> matches(pattern, file))
                && exclude.stream().noneMatch(pattern -> matches(pattern, file));
    }

    private static boolean matches(String pattern, Path file) {
        String plain = pattern.replaceFirst("^(?:\\./)+", "").replaceFirst("/+$", "");
        if (plain.isEmpty() || plain.equals(".")) {
            return true;
        }
        try {
            var matcher = FileSystems.getDefault().getPathMatcher("glob:" + plain);
            return Stream.iterate(file, path -> path != null, Path::getParent).anyMatch(matcher::matches);
        } catch (PatternSyntaxException unreadable) {
            return false;
        }
    }
}
