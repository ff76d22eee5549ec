package dev.gitopsexecutor.deploy;

import java.util.OptionalInt;

/**
 * How a command of a smoke check ended.
 *
 * @param exitCode empty when it did not end in time
 * @param output the end of what it printed, both streams; may hold secrets
 */
public record CommandOutcome(OptionalInt exitCode, String output) {}
