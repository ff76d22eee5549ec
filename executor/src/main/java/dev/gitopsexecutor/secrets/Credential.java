package dev.gitopsexecutor.secrets;

/** A user name and its password. */
public record Credential(String username, SecretValue password) {}
