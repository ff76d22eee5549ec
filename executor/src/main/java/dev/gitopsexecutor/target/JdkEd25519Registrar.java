package dev.gitopsexecutor.target;

import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import org.apache.sshd.common.util.security.AbstractSecurityProviderRegistrar;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.eddsa.generic.EdDSASupport;

/** Tells MINA that Ed25519 is there, and leaves everything else to the JDK's providers. */
final class JdkEd25519Registrar extends AbstractSecurityProviderRegistrar {
    private final EdDSASupport<?, ?> support = new JdkEd25519();

    private JdkEd25519Registrar() {
        super("SunEC");
    }

    /** Must run before anything else of MINA; a second call does nothing. */
    static void register() {
        synchronized (JdkEd25519Registrar.class) {
            if (SecurityUtils.getRegisteredProvider("SunEC") == null) {
                SecurityUtils.registerSecurityProvider(new JdkEd25519Registrar());
            }
        }
    }

    @Override
    public String getDefaultSecurityEntitySupportValue(Class<?> entityType) {
        return "";
    }

    @Override
    public Provider getSecurityProvider() {
        return Security.getProvider("SunEC");
    }

    @Override
    public boolean isNamedProviderUsed() {
        return false;
    }

    @Override
    public boolean isSupported() {
        return true;
    }

    @Override
    public Optional<EdDSASupport<?, ?>> getEdDSASupport() {
        return Optional.of(support);
    }
}
