package dev.gitopsexecutor.secrets;

import java.util.regex.Pattern;

/**
 * Where a secret is, without the secret: {@code shop/staging#database_password}.
 *
 * @param path below the environment's KV v2 mount, without {@code data/}
 * @param key within the secret at that path
 */
public record SecretRef(String path, String key) {
    private static final String WORD = "[A-Za-z0-9_](?:[A-Za-z0-9_-]|\\.(?=[A-Za-z0-9_-]))*+";
    private static final Pattern PATH = Pattern.compile(WORD + "(?:/" + WORD + ")*+");
    private static final Pattern KEY = Pattern.compile(WORD);
    private static final int MAX_LENGTH = 256;

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
    }

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public static SecretRef parse(String text) {
        int hash = text.indexOf('#');
        if (hash < 0) {
            throw new IllegalArgumentException("a secret is written path#key, such as shop/staging#database_password");
        }
        return new SecretRef(text.substring(0, hash), text.substring(hash + 1));
    }

    /** Whether {@code text} can be joined into a Vault path as it is: nothing in it climbs, escapes or is empty. */
    public static boolean isPath(String text) {
        return text.length() <= MAX_LENGTH && PATH.matcher(text).matches();
    }

    @Override
    public String toString() {
        return path + "#" + key;
    }
}
