package dev.gitopsexecutor.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A token taken apart; nothing in it is believed yet. */
final class UnverifiedToken {
    private static final int MAX_LENGTH = 16 * 1024;

    private final String raw;
    private final Map<String, Object> header;
    private final Map<String, Object> claims;

    private UnverifiedToken(String raw, Map<String, Object> header, Map<String, Object> claims) {
        this.raw = raw;
        this.header = Collections.unmodifiableMap(header);
        this.claims = Collections.unmodifiableMap(claims);
    }

    /** Empty when the text is not three Base64 parts of which the first two are JSON objects. */
    static Optional<UnverifiedToken> parse(String raw) {
        String[] parts = raw.split("\\.", -1);
        if (raw.length() > MAX_LENGTH || parts.length != 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new UnverifiedToken(raw, json(parts[0]), json(parts[1])));
        } catch (ParseException | IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** Claims without a token around them. */
    static UnverifiedToken ofClaims(Map<String, Object> claims) {
        return new UnverifiedToken("", Map.of(), claims);
    }

    /** Empty when the text is no JSON object. */
    static Optional<Map<String, Object>> object(String json) {
        try {
            return Optional.of(JSONObjectUtils.parse(json));
        } catch (ParseException malformed) {
            return Optional.empty();
        }
    }

    String raw() {
        return raw;
    }

    Optional<Object> header(String name) {
        return Optional.ofNullable(header.get(name));
    }

    Optional<Object> claim(String name) {
        return Optional.ofNullable(claims.get(name));
    }

    /** Claims that are JSON objects or lists are written as JSON; those that are null are left out. */
    Map<String, String> claimsAsText() {
        Map<String, String> text = new HashMap<>();
        claims.forEach((name, value) -> {
            if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                text.put(name, value.toString());
            } else if (value != null) {
                String json = JSONObjectUtils.toJSONString(Map.of("v", value));
                text.put(name, json.substring("{\"v\":".length(), json.length() - 1));
            }
        });
        return text;
    }

    private static Map<String, Object> json(String part) throws ParseException {
        return JSONObjectUtils.parse(new String(Base64.getUrlDecoder().decode(part), UTF_8));
    }
}
