package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.notify.Addressee;
import dev.gitopsexecutor.notify.DeliveryTimes;
import dev.gitopsexecutor.notify.Notification;
import dev.gitopsexecutor.notify.Notifiers;
import dev.gitopsexecutor.notify.OwnSecrets;
import dev.gitopsexecutor.notify.Told;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.NotifyRule;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.VaultSettings.OwnIdentity;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells people what happens to an environment, as the policy has it. Whatever becomes of that is a line of the log, never an
 * exception. Where the policy names nobody for an event, nothing is loaded that sends.
 */
final class Announcer {
    private final ExecutorConfig config;
    private final Masker masker;
    private final InstantSource clock;
    private final JobLog log;
    private @Nullable Notifiers notifiers;
    private Notifiers.@Nullable Sending begun;

    Announcer(ExecutorConfig config, Masker masker, InstantSource clock, JobLog log) {
        this.config = config;
        this.masker = masker;
        this.clock = clock;
        this.log = log;
    }

    /** Begins to tell that it begins, and goes on at once; {@link #tell} says how that went. */
    void begin(EnvironmentRule rule, Supplier<Notification> notification) {
        List<NotifyRule> told = told(rule, DeployEvent.STARTED);
        if (!told.isEmpty()) {
            harmless(() -> begun = send(told, notification.get()));
        }
    }

    /** Blocks until everybody was told, for little more than 10 s at most. */
    void tell(EnvironmentRule rule, DeployEvent event, Supplier<Notification> notification) {
        List<NotifyRule> told = told(rule, event);
        // In their order, for whoever reads them.
        Notifiers.Sending before = begun;
        begun = null;
        if (before != null) {
            harmless(() -> say("told that it began", before.await()));
        }
        if (!told.isEmpty()) {
            harmless(() -> say("told", send(told, notification.get()).await()));
        }
    }

    /** Tells everybody of the environment, whatever they want to hear of; for a test. */
    List<Told> tellAll(EnvironmentRule rule, Notification notification) throws InterruptedException {
        return send(rule.told(), notification).await();
    }

    private static List<NotifyRule> told(EnvironmentRule rule, DeployEvent event) {
        return rule.told().stream().filter(told -> told.on().contains(event)).toList();
    }

    private Notifiers.Sending send(List<NotifyRule> told, Notification notification) {
        return notifiers()
                .send(
                        notification,
                        told.stream()
                                .map(rule -> new Addressee(rule.to(), rule.mentions()))
                                .toList());
    }

    private Notifiers notifiers() {
        Notifiers known = notifiers;
        if (known == null) {
            OwnSecrets secrets = new OwnSecrets(
                    VaultAccess.of(config, masker, clock), config.vault().own().map(OwnIdentity::engine), masker);
            known = new Notifiers(config.notifiers(), secrets, clock, DeliveryTimes.defaults());
            notifiers = known;
        }
        return known;
    }

    private void say(String what, List<Told> told) {
        String reached = told.stream()
                .filter(each -> each.problem().isEmpty())
                .map(each -> each.to().value())
                .collect(Collectors.joining(", "));
        if (!reached.isEmpty()) {
            log.fact("%s: %s".formatted(what, reached));
        }
        told.stream().filter(each -> each.problem().isPresent()).forEach(each -> log.warning("  " + each.line()));
    }

    /** What may be interrupted. */
    private interface Step {
        void run() throws InterruptedException;
    }

    private void harmless(Step step) {
        try {
            step.run();
        } catch (InterruptedException canceled) {
            Thread.currentThread().interrupt();
            log.warning("  Whether everybody was told is not known: interrupted");
        } catch (RuntimeException | LinkageError bug) {
            Optional<StackTraceElement> where = Optional.of(bug.getStackTrace())
                    .filter(trace -> trace.length > 0)
                    .map(trace -> trace[0]);
            log.warning("  Not everybody was told, by a bug of gitops-executor: %s%s"
                    .formatted(
                            bug.getClass().getName(),
                            where.map(place -> " at " + place).orElse("")));
        }
    }
}
