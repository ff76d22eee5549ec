package dev.gitopsexecutor.secrets;

import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What Vault's SSH engine does for a deploy. */
final class SshSigning {
    private static final String TRIED = "have an SSH key signed by Vault";

    private SshSigning() {}

    /**
     * An OpenSSH user certificate of {@code publicKey} for {@code principals}. Blocks.
     *
     * <p>Neither extensions nor critical options are named: the role's own would give way to them.
     *
     * @see <a href="https://openbao.org/api-docs/secret/ssh/">the SSH engine</a>
     */
    static String sign(VaultToken token, String mount, String role, String publicKey, Set<String> principals) {
        String path = "%s/sign/%s".formatted(mount, role);
        String names = String.join(",", new TreeSet<>(principals));
        Reply<LogicalResponse> reply =
                token.write(path, Map.of("public_key", publicKey, "cert_type", "user", "valid_principals", names));
        String refusal = Reply.refusal(reply);
        if (refusal.contains("valid_principals") || refusal.contains("not a valid value for")) {
            throw token.refused(
                    TRIED,
                    path,
                    "the role does not sign for the users " + names,
                    "Name the `user` of the hosts in the role's `allowed_users`.");
        }
        if (refusal.contains("nknown role")) {
            throw token.refused(TRIED, path, "there is no such role", "Correct `ssh_certificate.role` in policy.yaml.");
        }
        JsonObject data = token.answer(reply, TRIED, path, "update").getDataObject();
        String signed = data == null ? null : data.getString("signed_key");
        if (signed == null) {
            throw token.refused(TRIED, path, "an answer without a certificate", "Name a mount of the SSH engine.");
        }
        return signed.strip();
    }
}
