package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.PlainText;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** TLS does not come about for a reason that waiting does not cure; the message says which, and what to do. */
final class TlsRefusal extends IOException {
    private static final long serialVersionUID = 1L;
    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");

    private TlsRefusal(String message, SSLException cause) {
        super(message, cause);
    }

    /** Not a {@link TlsRefusal} when the next attempt may well succeed, as with a server that is still starting. */
    static IOException of(SSLException failed, String host) {
        List<Throwable> reasons = Stream.<Throwable>iterate(failed, reason -> reason != null, Throwable::getCause)
                .limit(10)
                .toList();
        String alert = alert(failed);
        boolean passes = alert.equals("internal_error")
                || reasons.stream()
                        .anyMatch(reason -> reason instanceof EOFException || reason instanceof SocketException);
        if (passes) {
            return new IOException(
                    alert.isEmpty() ? "the connection was closed while TLS began" : "TLS alert " + alert, failed);
        }
        return new TlsRefusal(
                reasons.stream()
                        .flatMap(reason -> ofCertificate(reason, host).stream())
                        .reduce((outer, inner) -> inner)
                        .orElseGet(() -> alert.isEmpty() ? ofProtocol(failed) : ofAlert(alert, host)),
                failed);
    }

    private static Optional<String> ofCertificate(Throwable reason, String host) {
        String detail = String.valueOf(reason.getMessage());
        return Optional.ofNullable(
                switch (reason) {
                    case CertificateExpiredException _ ->
                        "the certificate has expired (%s): have it renewed".formatted(detail);
                    case CertificateNotYetValidException _ ->
                        "the certificate is not valid yet (%s): compare the clocks".formatted(detail);
                    case CertPathValidatorException invalid
                    when invalid.getReason() == CertPathValidatorException.BasicReason.REVOKED ->
                        "the certificate is revoked: have a new one made";
                    case CertPathValidatorException invalid
                    when invalid.getReason() == CertPathValidatorException.BasicReason.ALGORITHM_CONSTRAINED ->
                        "the certificate's key or signature is too weak: have a new one made";
                    case CertPathValidatorException _ -> "the certificate is not valid (%s)".formatted(detail);
                    case CertPathBuilderException _ ->
                        "the certificate is not signed by a CA that this machine trusts (self-signed?):"
                                + " have a known CA sign it, or let the CA be trusted here";
                    case CertificateException _
                    when detail.startsWith("No ") ->
                        "the certificate is not for \"%s\" but for another name: ask by that, or have it renewed"
                                .formatted(host);
                    default -> null;
                });
    }

    private static String alert(SSLException failed) {
        Matcher alert = ALERT.matcher(String.valueOf(failed.getMessage()));
        return alert.find() ? alert.group(1) : "";
    }

    private static String ofAlert(String alert, String host) {
        return switch (alert) {
            case "protocol_version" -> tooOld();
            case "handshake_failure", "insufficient_security" ->
                "the server agrees to no cipher of ours (%s): see its TLS settings".formatted(alert);
            case "unrecognized_name" ->
                "the server has no certificate for \"%s\": see which names it serves".formatted(host);
            case "no_application_protocol" -> "the server does not speak HTTP/1.1 over TLS: see its settings";
            case "certificate_required", "bad_certificate" ->
                "the server wants a certificate of its client (%s), and checks have none".formatted(alert);
            default -> "the server refuses TLS (alert %s): see its log".formatted(alert);
        };
    }

    private static String ofProtocol(SSLException failed) {
        String message = String.valueOf(failed.getMessage());
        if (message.contains("Unsupported or unrecognized SSL message")) {
            return "what answers there does not speak TLS: ask by http, or by the port of TLS";
        }
        return message.contains("protocol version") ? tooOld() : "TLS failed: " + PlainText.sentence(message);
    }

    private static String tooOld() {
        return "the server speaks no TLS of version 1.2 or later: see its TLS settings";
    }
}
