package dev.gitopsexecutor.identity;

/** Turns an ID token into a {@link VerifiedIdentity}, or refuses it with the reason. */
public final class IdTokenVerifier {}
