package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.policy.Denied.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Each condition that a job must meet, in the order in which reasons are printed. All of them must hold. */
enum JobCheck {
    ENVIRONMENT_CLAIM {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            String wanted = rule.name().value();
            String claimed = request.identity().environment().orElse("none");
            return unless(claimed.equals(wanted), claimed, wanted);
        }
    },
    ENVIRONMENT_ACTION {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            // `stop` takes an environment down, which no deploy file describes.
            String action = request.identity().environmentAction();
            return unless(ACTIONS.contains(action), action, Wording.oneOf(ACTIONS));
        }
    },
    PROJECT {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            VerifiedIdentity identity = request.identity();
            return unless(
                    rule.projects().contains(identity.projectId()),
                    "project %s (%s)".formatted(identity.projectId(), identity.projectPath()),
                    Wording.oneOf(rule.projects().stream()
                            .map(ProjectId::toString)
                            .sorted()
                            .toList()));
        }
    },
    REF {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            String refPath = request.identity().refPath();
            boolean matches = rule.refs().stream().anyMatch(text -> new RefPattern(text).matches(refPath));
            return unless(matches, refPath, Wording.oneOf(rule.refs()));
        }
    },
    REF_PROTECTED {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            boolean required = rule.requireProtectedRef() || rule.tier() == Tier.PRODUCTION;
            return unless(
                    !required || request.identity().refProtected(),
                    request.identity().refPath() + " is not protected",
                    "a protected branch or tag");
        }
    },
    PIPELINE_SOURCE {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            String source = request.identity().pipelineSource();
            boolean refused = rule.tier() == Tier.PRODUCTION && source.equals("merge_request_event");
            return unless(!refused, source, "a pipeline of the branch or tag itself");
        }
    },
    JOB_IMAGE {
        @Override
        Optional<Reason> failure(DeployRequest request, EnvironmentRule rule) {
            String image = request.jobImage().toString();
            return unless(rule.jobImages().contains(image), image, Wording.oneOf(rule.jobImages()));
        }
    };

    private static final List<String> ACTIONS = List.of("start", "prepare", "verify", "access");

    /** Empty when the condition holds. */
    abstract Optional<Reason> failure(DeployRequest request, EnvironmentRule rule);

    Optional<Reason> unless(boolean holds, String saw, String wanted) {
        return holds ? Optional.empty() : Optional.of(new Reason(name().toLowerCase(Locale.ROOT), saw, wanted));
    }
}
