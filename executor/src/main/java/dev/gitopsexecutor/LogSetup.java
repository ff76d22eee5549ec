package dev.gitopsexecutor;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Lets libraries log nothing.
 *
 * <p>Without it Logback logs DEBUG to stdout: request headers and bodies of the Docker client in the job log. What a
 * library logs does not pass the masker, and what it has to say reaches the reader as the failure that our code makes of
 * its exception.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
