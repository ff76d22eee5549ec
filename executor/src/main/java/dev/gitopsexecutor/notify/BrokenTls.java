package dev.gitopsexecutor.notify;

import java.io.IOException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** TLS that does not come about. */
final class BrokenTls {
    private BrokenTls() {}

    /** A connection that ended in the midst of it may stand at the next attempt; a certificate is no better then. */
    static Attempt attempt(SSLException failed) {
        boolean isCut = Stream.<Throwable>iterate(failed, reason -> reason != null, Throwable::getCause)
                .limit(10)
                .anyMatch(BrokenTls::isCut);
        return isCut
                ? new Attempt.Failed("the connection ended while TLS began")
                : new Attempt.Refused(
                        "TLS failed: its certificate is not one of a known CA for this name, or it speaks no"
                                + " TLS; a CA of your own is named as ca_file");
    }

    /** The JDK's HTTP client does not always name what ended it as the cause, but it has these words. */
    private static boolean isCut(Throwable reason) {
        return (reason instanceof IOException && !(reason instanceof SSLException))
                || String.valueOf(reason.getMessage()).equals("Remote host terminated the handshake");
    }
}
