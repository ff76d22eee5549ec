package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.target.RemoteResult;
import dev.gitopsexecutor.target.RemoteScript;
import dev.gitopsexecutor.target.SshHost;
import java.net.URI;
import java.util.Map;
import java.util.SortedSet;
import java.util.regex.Pattern;

/** What goes wrong on a host, in words; errors of its programs come masked. */
final class HostFailures {
    private static final Pattern NO_SPACE = Pattern.compile("(?i)no space left on device|disk quota exceeded");
    private static final Pattern NO_ENGINE = Pattern.compile("(?i)docker daemon|docker\\.sock");

    private final SshHost host;
    private final String directory;

    HostFailures(SshHost host, String directory) {
        this.host = host;
        this.directory = directory;
    }

    static boolean isDiskFull(String error) {
        return NO_SPACE.matcher(error).find();
    }

    /** Whether nothing can be done with containers there now, whatever the release. */
    static boolean isEngineGone(String error) {
        return NO_ENGINE.matcher(error).find();
    }

    ExecutorException noTunnel(URI url) {
        return new ExecutorException(
                new Failure(
                        FailureCode.HOST_UNSUITABLE,
                        "reach %s from \"%s\"".formatted(url, host.name()),
                        host.endpoint(),
                        "its sshd forbids TCP forwarding, through which health is asked on the host itself",
                        "Set `AllowTcpForwarding local` in its sshd_config; in authorized_keys write `port-forwarding` behind"
                                + " `restrict`; a certificate needs the extension permit-port-forwarding. Nothing was changed."));
    }

    ExecutorException unsafeDirectory(RemoteResult result) {
        return new ExecutorException(new Failure(
                FailureCode.HOST_UNSUITABLE,
                "write a release on \"%s\"".formatted(host.name()),
                host.endpoint(),
                last(result, 20),
                "Put the directory right and retry the job; nothing was changed."));
    }

    ExecutorException imageGone(RemoteResult result) {
        return new ExecutorException(new Failure(
                FailureCode.IMAGE_PULL_FAILED,
                "keep the images of the release",
                host.name().value(),
                "one that was there just now is gone: %s\nnothing was changed".formatted(last(result, 5)),
                "Retry the job, which pulls it again; see what removes images on that host."));
    }

    /** {@code variables} by the service that would get others. */
    ExecutorException unfaithful(Map<ServiceName, SortedSet<String>> variables) {
        return new ExecutorException(
                new Failure(
                        FailureCode.ENV_FILE_UNFAITHFUL,
                        "prove the env file",
                        host.name().value(),
                        "Compose would not give these variables to the services as they are in Vault and deploy.yaml: "
                                + variables
                                + "\nnothing was changed",
                        "See whether compose.yaml sets them too; if it does not, report this with the host's Compose version."));
    }

    ExecutorException notStarted(ReleaseId release, RemoteResult result) {
        return new ExecutorException(new Failure(
                FailureCode.START_FAILED,
                "start the services on \"%s\"".formatted(host.name()),
                "release " + release,
                "Compose says:\n" + last(result, 10),
                "Correct what Compose names, in compose.yaml, in the image, or on the host: a port that is taken, a command"
                        + " that the image lacks, a network or volume that is not there."));
    }

    /** Of a script that has no better word for what went wrong. */
    ExecutorException failed(RemoteScript script, RemoteResult result) {
        String error = last(result, 10);
        if (isDiskFull(error)) {
            return new ExecutorException(new Failure(
                    FailureCode.HOST_UNSUITABLE,
                    "run %s on \"%s\"".formatted(script.name(), host.name()),
                    host.endpoint(),
                    "its disk is full\n" + error,
                    "Free space there (`df -h %s`, `docker system df`) and retry the job.".formatted(directory)));
        }
        return new ExecutorException(new Failure(
                FailureCode.REMOTE_COMMAND_FAILED,
                "run %s on \"%s\"".formatted(script.name(), host.name()),
                host.endpoint(),
                "exit code %d\n%s".formatted(result.exitCode(), error),
                "Look at the message, then at the host: its disk, its Docker engine and %s/.gitops."
                        .formatted(directory)));
    }

    private static String last(RemoteResult result, int lines) {
        return String.join("\n", PlainText.lastLines(result.error(), lines));
    }
}
