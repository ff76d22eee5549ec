package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.ledger.AuditLog;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code audit verify}: whether anybody changed the audit log. */
@Command(
        name = "verify",
        description = {
            "Reads the whole audit log and says whether each line follows the one before.",
            "What was cut off at its end shows only against a number and hash that this command printed before.",
            "Ends with 1 when a line was changed, moved or taken out."
        },
        mixinStandardHelpOptions = true)
final class AuditVerifyCommand implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        Path file = AuditLog.in(config.read().stateDir());
        AuditLog.Chain chain = new AuditLog(file).verify();
        console.out()
                .printf("%s: %d entries are whole; the last has the hash %s%n", file, chain.entries(), chain.head());
        chain.fault().ifPresent(fault -> console.out().printf("%s:%d: %s%n", file, chain.entries() + 1, fault));
        return chain.fault().isEmpty() ? 0 : BROKEN;
    }
}
