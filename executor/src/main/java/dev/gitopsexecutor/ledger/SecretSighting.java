package dev.gitopsexecutor.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A value that was read from Vault, without the value.
 *
 * @param hash of the value under this machine's own key
 * @param version that it was read from; empty where the engine has none
 */
public record SecretSighting(SecretField field, String hash, Optional<Version> version) {

    /**
     * A version of the secret.
     *
     * @param created when it was written, by Vault's clock
     */
    public record Version(long number, Instant created) {

        /** Not less than none, whatever the clocks of Vault and of this machine say. */
        public Duration ageAt(Instant now) {
            Duration age = Duration.between(created, now);
            return age.isNegative() ? Duration.ZERO : age;
        }
    }
}
