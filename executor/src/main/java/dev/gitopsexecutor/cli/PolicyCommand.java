package dev.gitopsexecutor.cli;

import picocli.CommandLine.Command;

/** {@code policy}: what the security team does with its file. */
@Command(
        name = "policy",
        description = "Looks at policy.yaml: what it may not mean, what it says of a job, whether its test cases hold.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {PolicyLintCommand.class, PolicyTestCommand.class})
final class PolicyCommand {}
