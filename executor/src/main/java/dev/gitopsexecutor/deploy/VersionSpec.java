package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ServiceName;

/**
 * Where the health answer tells the running version.
 *
 * @param pointer JSON pointer (RFC 6901)
 * @param service whose image tag the version must equal
 * @param required whether an answer without any fails; else that is told. Another version always fails.
 */
public record VersionSpec(String pointer, ServiceName service, boolean required) {}
