package dev.gitopsexecutor.checks;

/** Where a check asks from. */
public enum Place {
    /** Each host itself, on its own loopback address. */
    HOST,
    /** This machine, by the environment's public URL: through balancer, proxy and TLS, as users come. */
    PUBLIC
}
