package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.model.ReleaseId;
import java.util.Collection;
import java.util.List;

/** What is done with the files of a release that failed, on hosts where it is not current (any more). */
final class FailedRelease {
    private FailedRelease() {}

    /** Moves them aside without their secrets, as far as hosts can be reached; says what stays. */
    static void retire(ReleaseId release, Failure cause, Collection<HostDeployment> hosts, DeployScope scope)
            throws InterruptedException {
        new Fleet(List.copyOf(hosts), scope).each("moving the failed release aside", DeployScope.never(), host -> {
            retire(release, cause, host, scope);
            return true;
        });
    }

    private static void retire(ReleaseId release, Failure cause, HostDeployment host, DeployScope scope)
            throws InterruptedException {
        try {
            if (host.isReachable()) {
                host.retire(release, scope.log().masked(cause.block()));
                host.unlock();
            } else {
                scope.log()
                        .warning(
                                "  %s: cannot be reached; the failed release's files, secrets too, stay there until the next green deploy"
                                        .formatted(host.name()));
            }
        } catch (ExecutorException leftover) {
            scope.log()
                    .warning("  %s: the failed release's files stay in .gitops/releases: %s"
                            .formatted(host.name(), leftover.failure().saw()));
        }
    }
}
