package dev.gitopsexecutor.model;

/** What a target host must show to be believed; keys are as in a {@code .pub} file: {@code ssh-ed25519 AAAA…}. */
public sealed interface HostTrust {

    /** The one key that the host may show. */
    record PinnedKey(String publicKey) implements HostTrust {}

    /** The host may show any key that this authority certified for the host's address. */
    record CertificateAuthority(String publicKey) implements HostTrust {}
}
