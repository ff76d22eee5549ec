package dev.gitopsexecutor.testbed;

import dev.gitopsexecutor.testbed.RunnerJob.Source;
import dev.gitopsexecutor.testbed.RunnerJob.Variable;
import dev.gitopsexecutor.testbed.RunnerJob.Variable.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The bash scripts that a runner hands to an executor, one per stage: the same shape, written by us. */
final class RunnerScript {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./-]+");
    private static final String GREEN = "\u001b[32;1m";
    private static final String OFF = "\u001b[0;m";

    /** How the generated text wraps the commands, which runners changed over the years. */
    enum Shape {
        /** Until 19.0. */
        PIPED(": | eval %s"),
        /** From 19.1 on: ends with 1 on SIGTERM, and keeps a shell from printing the whole body then. */
        TRAPPED("(trap 'exit 1' TERM; eval %s) < /dev/null");

        private final String wrapped;

        Shape(String wrapped) {
            this.wrapped = wrapped;
        }
    }

    private final Shape shape;
    private final String projectDirectory;
    private final String temporaryDirectory;
    private final StringBuilder body = new StringBuilder();

    /** @param projectDirectory of the checkout, inside the containers */
    RunnerScript(Shape shape, String projectDirectory) {
        this.shape = shape;
        this.projectDirectory = projectDirectory;
        this.temporaryDirectory = projectDirectory + ".tmp";
    }

    String prepare() {
        line("echo \"Running on $(hostname) via testbed...\"");
        return whole();
    }

    String getSources(List<Variable> variables, Source source) {
        export(variables);
        line("export GIT_LFS_SKIP_SMUDGE=1");
        say("Fetching changes with git depth set to 20...");
        String template = temporaryDirectory + "/git-template";
        line("mkdir -p " + quote(template));
        line("git config -f " + quote(template + "/config") + " init.defaultBranch none");
        line("git init " + quote(projectDirectory) + " --template " + quote(template));
        line("cd " + quote(projectDirectory));
        line("git remote add origin " + quote(source.repositoryUrl()) + " >/dev/null 2>&1 || git remote set-url origin "
                + quote(source.repositoryUrl()));
        line("git -c " + quote("http.userAgent=gitlab-runner 17.0.0 linux/amd64")
                + " fetch origin --no-recurse-submodules "
                + quote(source.refspec())
                + " --depth 20 --prune --quiet");
        say("Checking out %s as detached HEAD (ref is %s)...".formatted(source.shortSha(), source.branch()));
        line("git -c " + quote("submodule.recurse=false") + " checkout -f -q " + source.sha());
        line("git clean -ffdx");
        return whole();
    }

    /** Before a second attempt at the sources. */
    String clearWorktree() {
        say("Deleting all tracked and untracked files due to source fetch failure");
        line("if [ -d " + quote(projectDirectory) + " ]; then");
        line("find " + quote(projectDirectory) + " -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +");
        line("fi");
        return whole();
    }

    String restoreCache(List<Variable> variables) {
        return cache(variables, "Checking cache for default...", "cache-extractor --file " + archive());
    }

    String archiveCache(List<Variable> variables, String path) {
        return cache(
                variables,
                "Creating cache default...",
                "cache-archiver --file " + archive() + " --path " + quote(path));
    }

    private String archive() {
        return "../".repeat(Path.of(projectDirectory).getNameCount()) + "cache/default/cache.zip";
    }

    /** A cache that fails does not fail the job. */
    private String cache(List<Variable> variables, String doing, String command) {
        return withRunner(variables, doing, "gitlab-runner " + command + " || echo 'the cache failed'");
    }

    String uploadArtifacts(List<Variable> variables, String path) {
        return withRunner(
                variables, "Uploading artifacts...", "gitlab-runner artifacts-uploader --path " + quote(path));
    }

    private String withRunner(List<Variable> variables, String doing, String command) {
        export(variables);
        line("cd " + quote(projectDirectory));
        line("if gitlab-runner --version >/dev/null 2>&1; then");
        say(doing);
        line(command);
        line("else");
        say("Missing gitlab-runner.");
        line("fi");
        return whole();
    }

    String commands(List<Variable> variables, List<String> commands) {
        export(variables);
        line("cd " + quote(projectDirectory));
        for (String command : commands) {
            String first = command.lines().findFirst().orElse("");
            say("$ " + first + (first.equals(command) ? "" : " # collapsed multi-line command"));
            line(command);
        }
        return whole();
    }

    String cleanupFileVariables(List<Variable> variables) {
        variables.stream()
                .filter(variable -> variable.kind() == Kind.FILE)
                .forEach(variable -> line("rm -f " + quote(temporaryDirectory + "/" + variable.key())));
        return whole();
    }

    private void export(List<Variable> variables) {
        line("mkdir -p " + quote(temporaryDirectory));
        for (Variable variable : variables) {
            if (variable.kind() == Kind.FILE) {
                String file = quote(temporaryDirectory + "/" + variable.key());
                line("printf '%s' " + quote(variable.value()) + " > " + file);
                line("export " + variable.key() + "=" + file);
            } else {
                line("export " + variable.key() + "=" + quote(variable.value()));
            }
        }
        String environment = quote(temporaryDirectory + "/gitlab_runner_env");
        line("export GITLAB_ENV=" + environment);
        line("touch " + environment);
        line("set -o allexport");
        line("source " + environment + " set");
        line("set +o allexport");
    }

    private void say(String text) {
        line("echo " + quote(GREEN + text + OFF));
    }

    private void line(String text) {
        body.append(text).append('\n');
    }

    private String whole() {
        return """
            #!/usr/bin/env bash
            %s
            if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit
            set +o noclobber
            %s
            exit 0
            """.formatted(
                shape == Shape.TRAPPED ? "trap 'exit 1' TERM" : "", shape.wrapped.formatted(ansiC(body.toString())));
    }

    private static String quote(String text) {
        return PLAIN.matcher(text).matches() ? text : ansiC(text);
    }

    private static String ansiC(String text) {
        StringBuilder quoted = new StringBuilder("$'");
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\\' -> quoted.append("\\\\");
                case '\'' -> quoted.append("\\'");
                default -> {
                    if (c < ' ') {
                        quoted.append("\\x%02x".formatted(c));
                    } else {
                        quoted.append((char) c);
                    }
                }
            }
        });
        return quoted.append('\'').toString();
    }
}
