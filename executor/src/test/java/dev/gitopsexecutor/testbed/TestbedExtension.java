package dev.gitopsexecutor.testbed;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts one testbed for all test classes of a run, and closes it at the end. */
final class TestbedExtension implements ExecutionCondition, ParameterResolver {
    /** Set to 1 by scripts/test, which also makes the machine ready. */
    private static final String SWITCH = "GITOPS_TESTBED";

    /** Two, and a third for the test that cuts its host off. */
    private static final int HOSTS = 3;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return "1".equals(System.getenv(SWITCH))
                ? ConditionEvaluationResult.enabled(SWITCH + "=1")
                : ConditionEvaluationResult.disabled(
                        "needs root and a container engine: run scripts/test, which sets " + SWITCH + "=1");
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Testbed.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(TestbedExtension.class))
                .getOrComputeIfAbsent(
                        Testbed.class, _ -> Testbed.start(new Progress(System.out), HOSTS), Testbed.class);
    }
}
