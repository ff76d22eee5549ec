package dev.gitopsexecutor.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnverifiedTokenTest {
    @Test
    void writesEveryKindOfClaimAsText() {
        Map<String, Object> claims = new HashMap<>();
        claims.put("text", "a \"b\"");
        claims.put("number", 7L);
        claims.put("flag", true);
        claims.put("list", List.of("shop", "ops"));
        claims.put("object", Map.of("a", 1));
        claims.put("nothing", null);

        assertThat(UnverifiedToken.ofClaims(claims).claimsAsText())
                .isEqualTo(Map.of(
                        "text",
                        "a \"b\"",
                        "number",
                        "7",
                        "flag",
                        "true",
                        "list",
                        "[\"shop\",\"ops\"]",
                        "object",
                        "{\"a\":1}"));
    }

    @Test
    void takesATokenOf16KibibytesAndNoMore() {
        String token = Forge.token(Forge.claims());
        String longest = token + "A".repeat(16 * 1024 - token.length());

        assertThat(UnverifiedToken.parse(longest)).isPresent();
        assertThat(UnverifiedToken.parse(longest + "A")).isEmpty();
    }
}
