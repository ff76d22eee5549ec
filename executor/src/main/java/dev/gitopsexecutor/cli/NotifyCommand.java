package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.TestMessage;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.notify.Told;
import dev.gitopsexecutor.policy.EnvironmentRule;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code notify}: sends an example to everybody who is told of an environment. */
@Command(
        name = "notify",
        header = "Sends an example message, marked as a test, to all notifiers of an environment.",
        description = {
            "Whatever events they want to hear of; whoever the policy mentions is mentioned, if the event is a failure.",
            "Ends with 0 when all were told, with 1 when one was not."
        },
        mixinStandardHelpOptions = true)
final class NotifyCommand implements Callable<Integer> {
    private static final int SAYS_NO = 1;

    private final Invocation invocation;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Parameters(index = "0", paramLabel = "ENVIRONMENT", description = "As the policy names it.")
    private String environment = "";

    @Option(
            names = "--event",
            paramLabel = "EVENT",
            defaultValue = "SUCCEEDED",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private DeployEvent event = DeployEvent.SUCCEEDED;

    @Mixin
    private final Console console = new Console();

    NotifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        ExecutorConfig executor = config.read();
        EnvironmentRule rule = Environments.named(environment, PolicyFile.read(executor.policyFile()), "send a test");
        if (rule.told().isEmpty()) {
            console.err().println("Nobody is told of %s: policy.yaml has no `notify` there.".formatted(rule.name()));
            return SAYS_NO;
        }
        List<Told> told =
                TestMessage.send(executor, rule, event, Environments.operator(invocation.environment()), invocation);
        told.forEach(each -> console.out().println(each.line()));
        return told.stream().allMatch(each -> each.problem().isEmpty()) ? 0 : SAYS_NO;
    }
}
