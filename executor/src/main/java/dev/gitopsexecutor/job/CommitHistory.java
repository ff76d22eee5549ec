package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.deploy.CommitOrder;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.CommandResult;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Which of two commits came first, by what GitLab itself tells of them: the job's own clone may be shallow, and its script
 * may write to it.
 */
final class CommitHistory {
    private static final int MAX_OUTPUT = 8 * 1024;

    /**
     * Fetches the two commits and those before them, without any file, and prints one word. Arguments: hash algorithm,
     * how many commits back, the deployed one, the wanted one. On stdin: one base64 line each of Git's configuration and
     * of the CAs, which may be empty.
     */
    static final String COMPARE = """
            set -e
            own=$(mktemp -d)
            trap 'rm -rf "$own"' EXIT
            export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0 GIT_DIR="$own/git"
            if [ "$1" = sha1 ]; then
              git init --quiet --bare --template=
            else
              git init --quiet --bare --template= --object-format="$1"
            fi
            read -r configuration
            read -r authorities
            printf %s "$configuration" | base64 -d >>"$GIT_DIR/config"
            if [ -n "$authorities" ]; then
              printf %s "$authorities" | base64 -d >"$own/authorities.pem"
              export GIT_SSL_CAINFO="$own/authorities.pem"
            fi
            limit=
            if command -v timeout >/dev/null; then limit="timeout 20"; fi
            $limit git fetch --quiet --no-tags --filter=tree:0 --depth="$2" gitlab "$3" "$4"
            if git merge-base --is-ancestor "$3" "$4"; then
              echo NEWER
            elif git merge-base --is-ancestor "$4" "$3"; then
              echo OLDER
            elif [ -s "$GIT_DIR/shallow" ]; then
              echo UNKNOWN
            else
              echo APART
            fi
            """;

    /** Some megabytes of commits; whoever deploys what is further back than that is told that nobody knows. */
    private static final int MOST_COMMITS = 5000;

    private final Sandbox sandbox;
    private final JobResponse response;
    private final Optional<Path> authorities;
    private final JobLog log;

    /**
     * @param authorities PEM file of the CAs that certify GitLab; the helper image's own where it is empty
     */
    CommitHistory(Sandbox sandbox, JobResponse response, Optional<Path> authorities, JobLog log) {
        this.sandbox = sandbox;
        this.response = response;
        this.authorities = authorities;
        this.log = log;
    }

    /** Asks GitLab with the job's own token; says why when it does not tell. */
    CommitOrder compare(CommitSha deployed, CommitSha wanted) {
        Optional<URI> repository = response.repository();
        if (repository.isEmpty()) {
            return unknown(deployed, wanted, "the job has no repository that is cloned by HTTP");
        }
        try {
            CommandResult result = sandbox.runInHelper(
                    response.id(),
                    List.of(
                            "sh",
                            "-c",
                            COMPARE,
                            "compare-commits",
                            wanted.objectFormat(),
                            Integer.toString(MOST_COMMITS),
                            deployed.value(),
                            wanted.value()),
                    input(repository.get()),
                    MAX_OUTPUT);
            if (result.exitCode() == 0) {
                return CommitOrder.valueOf(new String(result.stdout(), UTF_8).strip());
            }
            return unknown(deployed, wanted, result.stderr());
        } catch (ExecutorException failed) {
            return unknown(deployed, wanted, failed.failure().saw());
        } catch (IOException unreadable) {
            return unknown(deployed, wanted, unreadable.toString());
        }
    }

    private CommitOrder unknown(CommitSha deployed, CommitSha wanted, String why) {
        log.fact("whether %s comes after the deployed %s is unknown: %s"
                .formatted(
                        wanted.abbreviated(),
                        deployed.abbreviated(),
                        String.join(" ", PlainText.lastLines(log.masked(why), 3))));
        return CommitOrder.UNKNOWN;
    }

    private byte[] input(URI repository) throws IOException {
        String login =
                Base64.getEncoder().encodeToString(("gitlab-ci-token:" + response.revealToken()).getBytes(UTF_8));
        String configuration = """
                [remote "gitlab"]
                	url = "%s"
                [http]
                	extraHeader = "Authorization: Basic %s"
                """.formatted(repository, login);
        byte[] trusted = authorities.isPresent() ? Files.readAllBytes(authorities.get()) : new byte[0];
        List<String> lines = new ArrayList<>();
        for (byte[] value : List.of(configuration.getBytes(UTF_8), trusted)) {
            lines.add(Base64.getEncoder().encodeToString(value) + "\n");
        }
        return String.join("", lines).getBytes(UTF_8);
    }
}
