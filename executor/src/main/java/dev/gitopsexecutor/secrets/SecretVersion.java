package dev.gitopsexecutor.secrets;

import java.time.Instant;

/**
 * Which version of a KV v2 secret was read.
 *
 * @param path below its mount
 * @param created when this version was written
 */
public record SecretVersion(String path, long version, Instant created) {}
