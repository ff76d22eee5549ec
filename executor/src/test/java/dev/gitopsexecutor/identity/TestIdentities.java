package dev.gitopsexecutor.identity;

import java.util.HashMap;
import java.util.Map;

/** Identities for tests of packages that only use them. */
public final class TestIdentities {
    private TestIdentities() {}

    /** A job on the protected branch main that deploys to production, with {@code changes} over it. */
    public static VerifiedIdentity with(Map<String, String> changes) {
        return with(changes, "");
    }

    public static VerifiedIdentity with(Map<String, String> changes, String token) {
        Map<String, String> claims = new HashMap<>();
        Forge.claims().forEach((name, value) -> claims.put(name, value.toString()));
        changes.forEach((name, value) -> {
            if (value.isEmpty()) {
                claims.remove(name);
            } else {
                claims.put(name, value);
            }
        });
        return new VerifiedIdentity(token, claims);
    }
}
