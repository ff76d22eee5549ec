package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Http;
import io.github.jopenlibs.vault.EnvironmentLoader;
import io.github.jopenlibs.vault.SslConfig;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.api.Auth;
import io.github.jopenlibs.vault.api.Logical;
import io.github.jopenlibs.vault.response.VaultResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * The Vault driver made strict: no settings from the environment, every status looked at, a deadline, and tries only
 * where another one can help.
 */
final class VaultClient implements AutoCloseable {
    private static final int TRIES = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Set<Integer> WORTH_RETRYING = Set.of(412, 429, 500, 502, 503, 504);
    private static final String CHECK_ADDRESS =
            "Check `vault.address` in executor.yaml, the network and whether Vault runs.";

    private final VaultSettings settings;
    private final Http http;
    private final Duration timeout;

    /** {@code timeout} of one request, whole answer included; at least a second. */
    VaultClient(VaultSettings settings, Http http, Duration timeout) {
        this.settings = settings;
        this.http = http;
        this.timeout = timeout;
    }

    /** One request of the driver. */
    interface Request<T> {
        T send() throws VaultException;
    }

    VaultSettings settings() {
        return settings;
    }

    Auth auth(String token) throws VaultException {
        Auth auth = new Auth(configuration(token));
        return settings.namespace().map(auth::withNameSpace).orElse(auth);
    }

    /** Takes the paths of the HTTP API as they are: the driver would put {@code data/} into those of every engine. */
    Logical logical(String token) throws VaultException {
        Logical logical = new Logical(configuration(token));
        return settings.namespace().map(logical::withNameSpace).orElse(logical);
    }

    /** Blocks, at most three times the deadline of one request. */
    <T> Reply<T> ask(Request<T> request) {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            Reply<T> reply = once(request);
            if (attempt == TRIES || !worthRetrying(reply)) {
                return reply;
            }
            sleep(pause);
            pause = pause.multipliedBy(3);
        }
    }

    @Override
    public void close() {
        http.close();
    }

    private static boolean worthRetrying(Reply<?> reply) {
        return switch (reply) {
            case Reply.Answered<?> answered -> WORTH_RETRYING.contains(answered.status());
            case Reply.Refused<?> refused -> WORTH_RETRYING.contains(refused.status());
            case Reply.Unavailable<?> unavailable -> unavailable.worthRetrying();
        };
    }

    /** On a thread of its own: the driver knows no deadline for an answer that begins and does not end. */
    private <T> Reply<T> once(Request<T> request) {
        FutureTask<T> task = new FutureTask<>(request::send);
        Thread.ofVirtual().name("vault").start(task);
        try {
            T answer = task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (answer instanceof VaultResponse response) {
                var rest = response.getRestResponse();
                return new Reply.Answered<>(rest.getStatus(), new String(rest.getBody(), UTF_8), answer);
            }
            return new Reply.Answered<>(204, "", answer);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            return unanswered(cause == null ? failed : cause);
        } catch (TimeoutException late) {
            return new Reply.Unavailable<>(
                    "no whole answer in %d s".formatted(timeout.toSeconds()), CHECK_ADDRESS, false, null);
        } catch (InterruptedException interrupted) {
            throw canceled(interrupted);
        } finally {
            task.cancel(true);
        }
    }

    /** The driver's exceptions carry whole bodies in their texts, so they are never a cause of ours. */
    private static <T> Reply<T> unanswered(Throwable failed) {
        int status = failed instanceof VaultException known ? known.getHttpStatusCode() : 0;
        String text = String.valueOf(failed.getMessage());
        if (status >= 500 && text.contains("sealed")) {
            return new Reply.Unavailable<>("%d: Vault is sealed".formatted(status), "Unseal Vault.", true, null);
        }
        if (status >= 500) {
            String saw = "%d, a failure of the server".formatted(status);
            return new Reply.Unavailable<>(saw, "Read the log of Vault.", WORTH_RETRYING.contains(status), null);
        }
        if (status >= 400) {
            return new Reply.Refused<>(status, text);
        }
        if (status >= 300) {
            String saw = "%d, a redirect, which is not followed".formatted(status);
            return new Reply.Unavailable<>(saw, "Write the active node's own URL as `vault.address`.", false, null);
        }
        return unanswered(failed, status);
    }

    private static <T> Reply<T> unanswered(Throwable failed, int status) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case ConnectException refused -> {
                    return new Reply.Unavailable<>("no connection: " + shown(refused), CHECK_ADDRESS, true, refused);
                }
                case HttpConnectTimeoutException late -> {
                    return new Reply.Unavailable<>("no connection in time", CHECK_ADDRESS, true, late);
                }
                case SSLException untrusted -> {
                    return new Reply.Unavailable<>(
                            "TLS failed: " + shown(untrusted),
                            "Check `vault.ca_file` in executor.yaml and the name in Vault's certificate.",
                            false,
                            untrusted);
                }
                case IOException broken -> {
                    return new Reply.Unavailable<>(
                            "the connection broke: " + shown(broken), CHECK_ADDRESS, true, broken);
                }
                default -> {}
            }
        }
        return Reply.notVault(status == 0 ? 200 : status);
    }

    private static String shown(IOException failed) {
        String message = failed.getMessage();
        return message == null ? failed.getClass().getSimpleName() : message;
    }

    private VaultConfig configuration(String token) throws VaultException {
        VaultConfig config = new VaultConfig()
                .environmentLoader(new NoEnvironment())
                .address(settings.address().toString())
                .sslConfig(new NoEnvironmentSsl().verify(true).build())
                .engineVersion(1)
                .httpClient(http.client())
                .readTimeout((int) timeout.toSeconds());
        return (token.isEmpty() ? config : config.token(token)).build();
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException interrupted) {
            throw canceled(interrupted);
        }
    }

    private static ExecutorException canceled(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return new ExecutorException(
                new Failure(FailureCode.CANCELED, "ask Vault", "Vault", "the job was canceled", "Nothing to do."),
                interrupted);
    }

    /** Keeps {@code VAULT_ADDR}, {@code VAULT_TOKEN} and the rest of the process's environment out. */
    private static final class NoEnvironment extends EnvironmentLoader {
        private static final long serialVersionUID = 1L;

        @Override
        public @org.jspecify.annotations.Nullable String loadVariable(String name) {
            return null;
        }
    }

    /** Keeps {@code VAULT_SSL_VERIFY} out, which could switch verification off. */
    private static final class NoEnvironmentSsl extends SslConfig {
        private static final long serialVersionUID = 1L;

        NoEnvironmentSsl() {
            environmentLoader(new NoEnvironment());
        }
    }
}
