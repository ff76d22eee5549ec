package dev.gitopsexecutor.identity;

/** What {@link IdTokenVerifier} answers. */
public sealed interface Verification permits VerifiedIdentity, Refused {}
