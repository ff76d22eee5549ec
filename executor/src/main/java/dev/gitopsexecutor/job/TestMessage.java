package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.notify.Told;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.secrets.Masker;
import java.io.OutputStream;
import java.util.List;

/** A message that says that it is a test, to everybody who is told anything of an environment. */
public final class TestMessage {
    private TestMessage() {}

    /** Blocks until everybody was told, for little more than 10 s at most. */
    public static List<Told> send(
            ExecutorConfig config, EnvironmentRule rule, DeployEvent event, String operator, Invocation invocation)
            throws InterruptedException {
        JobLog silent = new JobLog(OutputStream.nullOutputStream(), invocation.clock());
        return new Announcer(config, new Masker(), invocation.clock(), silent)
                .tellAll(rule, Announcements.example(rule, event, config.gitlab(), operator));
    }
}
