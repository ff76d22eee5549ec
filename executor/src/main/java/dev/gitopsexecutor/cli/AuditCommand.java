package dev.gitopsexecutor.cli;

import picocli.CommandLine.Command;

/** {@code audit}: what was decided on this machine. */
@Command(
        name = "audit",
        description = "Looks at the audit log, audit.jsonl in the state directory: one line of JSON for each decision.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {AuditVerifyCommand.class})
final class AuditCommand {}
