package dev.gitopsexecutor.model;

/** What a registry asks for before an image may be pulled; prints without the password. */
public final class RegistryLogin {
    private final String registry;
    private final String username;
    private final String password;

    /** {@code registry} is a host with an optional port. */
    public RegistryLogin(String registry, String username, String password) {
        this.registry = registry;
        this.username = username;
        this.password = password;
    }

    public String registry() {
        return registry;
    }

    public String username() {
        return username;
    }

    /** The secret itself; review every call. */
    public String revealPassword() {
        return password;
    }

    @Override
    public String toString() {
        return "RegistryLogin[registry=%s, username=%s, password=[redacted]]".formatted(registry, username);
    }
}
