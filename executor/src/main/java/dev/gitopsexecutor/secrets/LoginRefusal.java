package dev.gitopsexecutor.secrets;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says in our words why Vault refused a login, of a job or of the executor itself.
 *
 * <p>Vault's own text is not printed: it may quote claims. A claim's name is, when it reads like one.
 */
final class LoginRefusal {
    private static final Pattern CLAIM =
            Pattern.compile("claim [\\\\\"/]*([a-z_]{1,40})[\\\\\"]* (?:does not match|is missing)");
    private static final List<Map.Entry<String, String>> KNOWN = List.of(
            Map.entry("invalid audience", "the role binds another audience than the token's `aud`"),
            Map.entry("audience claim", "the role binds no audience, or another one than the token's `aud`"),
            Map.entry("invalid issuer", "the auth mount binds another issuer than the token's `iss`"),
            Map.entry("token is expired", "the token has expired"),
            Map.entry("not yet valid", "the token is not valid yet; compare the clocks"),
            Map.entry("verifying token", "the token's signature does not verify with the keys that the auth mount has"),
            Map.entry(
                    "failed to verify", "the token's signature does not verify with the keys that the auth mount has"),
            Map.entry("known key", "the token's signature does not verify with the keys that the auth mount has"),
            Map.entry("could not be found", "the role is not there"),
            Map.entry("could not load configuration", "the auth mount is not configured"),
            Map.entry("namespace not found", "there is no such namespace as `vault.namespace` of executor.yaml"),
            Map.entry("invalid role or secret", "the role id or the secret id is not valid"),
            Map.entry("invalid secret id", "the secret id is not valid, or not any more"),
            Map.entry("source address", "the role does not allow this machine's address"),
            Map.entry("permission denied", "permission denied; is there a JWT auth method at this mount?"));

    private LoginRefusal() {}

    static String explain(String body) {
        Matcher claim = CLAIM.matcher(body);
        if (claim.find()) {
            return "the role binds claim `%s` to other values than the token's".formatted(claim.group(1));
        }
        for (Map.Entry<String, String> known : KNOWN) {
            if (body.contains(known.getKey())) {
                return known.getValue();
            }
        }
        return "the login was refused";
    }
}
