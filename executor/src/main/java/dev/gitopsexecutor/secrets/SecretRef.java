package dev.gitopsexecutor.secrets;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Where a secret is, without the secret: {@code shop/staging#database_password}, or {@code shop/staging@3#…} for version 3
 * alone, or {@code dynamic:database/creds/shop#username} for what an engine makes anew at each read.
 *
 * @param path below the environment's KV mount, without {@code data/}; of a dynamic secret the whole path
 * @param version of a KV v2 secret; the newest at the time of the deploy when empty
 * @param key within the secret at that path
 */
public record SecretRef(Kind kind, String path, OptionalLong version, String key) {
    private static final String WORD = "[A-Za-z0-9_](?:[A-Za-z0-9_-]|\\.(?=[A-Za-z0-9_-]))*+";
    private static final Pattern PATH = Pattern.compile(WORD + "(?:/" + WORD + ")*+");
    private static final Pattern KEY = Pattern.compile(WORD);
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");
    private static final int MAX_LENGTH = 256;
    private static final String DYNAMIC = "dynamic:";

    /** Who keeps the secret. */
    public enum Kind {
        /** The environment's KV engine. */
        KV,
        /** An engine that makes one at each read, with a lease. */
        DYNAMIC
    }

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when a part is refused. */
    public SecretRef {
        if (!isPath(path)) {
            throw new IllegalArgumentException("the path is not names of letters, digits, _, - and single dots,"
                    + " separated by /, at most " + MAX_LENGTH + " characters");
        }
        if (key.length() > MAX_LENGTH || !KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("the key is not a name of letters, digits, _, - and single dots,"
                    + " at most " + MAX_LENGTH + " characters");
        }
        if (kind == Kind.DYNAMIC && version.isPresent()) {
            throw new IllegalArgumentException(
                    "a dynamic secret has no versions; leave @" + version.getAsLong() + " out");
        }
    }

    /** The newest version in the KV engine. */
    public SecretRef(String path, String key) {
        this(Kind.KV, path, OptionalLong.empty(), key);
    }

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public static SecretRef parse(String text) {
        int hash = text.indexOf('#');
        if (hash < 0) {
            throw new IllegalArgumentException("a secret is written path#key, such as shop/staging#database_password");
        }
        boolean dynamic = text.startsWith(DYNAMIC);
        String path = text.substring(dynamic ? DYNAMIC.length() : 0, hash);
        int at = path.indexOf('@');
        return new SecretRef(
                dynamic ? Kind.DYNAMIC : Kind.KV,
                at < 0 ? path : path.substring(0, at),
                at < 0 ? OptionalLong.empty() : OptionalLong.of(version(path.substring(at + 1))),
                text.substring(hash + 1));
    }

    private static long version(String text) {
        if (!VERSION.matcher(text).matches()) {
            throw new IllegalArgumentException("after @ stands the number of a version, such as shop/staging@3#key");
        }
        return Long.parseLong(text);
    }

    /** Whether {@code text} can be joined into a Vault path as it is: nothing in it climbs, escapes or is empty. */
    public static boolean isPath(String text) {
        return text.length() <= MAX_LENGTH && PATH.matcher(text).matches();
    }

    @Override
    public String toString() {
        String at = version.isPresent() ? "@" + version.getAsLong() : "";
        return (kind == Kind.DYNAMIC ? DYNAMIC : "") + path + at + "#" + key;
    }
}
