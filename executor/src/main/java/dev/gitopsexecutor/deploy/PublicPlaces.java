package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Trust;
import dev.gitopsexecutor.policy.CheckRule;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Where this machine may ask for the health of a release, and whose certificates it takes there. */
public final class PublicPlaces {
    private final CheckRule rule;
    private final Optional<SSLContext> trust;

    private PublicPlaces(CheckRule rule, Optional<SSLContext> trust) {
        this.rule = rule;
        this.trust = trust;
    }

    /** Throws {@code CONFIG_INVALID} when the policy's file of certificates cannot be read. */
    public static PublicPlaces of(CheckRule rule) {
        if (rule.caFile().isEmpty()) {
            return new PublicPlaces(rule, Optional.empty());
        }
        Path file = rule.caFile().get();
        try {
            return new PublicPlaces(rule, Optional.of(Trust.ofCaFile(file)));
        } catch (IOException unreadable) {
            throw new ExecutorException(new Failure(
                    FailureCode.CONFIG_INVALID,
                    "read the certificates of CAs for public URLs",
                    file.toString(),
                    unreadable instanceof NoSuchFileException
                            ? "there is no such file"
                            : String.valueOf(unreadable.getMessage()),
                    "Correct checks.ca_file in policy.yaml, or put the PEM file there."));
        }
    }

    /** Empty for the CAs that the system trusts. */
    Optional<SSLContext> trust() {
        return trust;
    }

    /** The first of these that the policy does not allow. */
    Optional<URI> refused(List<URI> places) {
        return places.stream().filter(place -> !rule.allows(place)).findFirst();
    }

    String allowed() {
        return String.join(", ", rule.publicHosts());
    }
}
