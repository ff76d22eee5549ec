package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.identity.VerifiedIdentity;

/** The Vault server, before anybody logged in. */
public final class Vault {

    public Vault(VaultSettings settings) {
        throw new UnsupportedOperationException(settings.toString());
    }

    /** Logs in with the job's ID token. Blocks. */
    public VaultSession login(VerifiedIdentity identity, String role) {
        return java.util.Optional.<VaultSession>empty().orElseThrow();
    }
}
