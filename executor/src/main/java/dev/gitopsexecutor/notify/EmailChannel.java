package dev.gitopsexecutor.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.io.Trust;
import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.notify.NotifierSettings.Email;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.SequencedSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;

/**
 * One mail to all recipients. Of those that a server does not take at once, only these are tried again.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1">RFC 5321, reply codes: 4xx may pass, 5xx do not</a>
 */
final class EmailChannel implements Channel {
    /** With it begins what a server says, in the library's messages. */
    private static final Pattern REPLY = Pattern.compile("(?:^|\\s)([245][0-9]{2})[ -]");

    private static final int NO_CODE = -1;

    private final Email settings;
    private final Optional<String> password;
    private final InstantSource clock;
    private final EmailMessage message;
    private final String id;
    private final Optional<javax.net.ssl.SSLSocketFactory> trust;
    private final SequencedSet<InternetAddress> waiting = new LinkedHashSet<>();
    private final List<InternetAddress> recipients;
    private final List<String> refusals = new ArrayList<>();

    /** Throws when {@code ca_file} cannot be read. */
    EmailChannel(
            Email settings,
            Optional<String> password,
            Notification notification,
            List<Mention> mentions,
            InstantSource clock)
            throws IOException {
        this.settings = settings;
        this.password = password;
        this.clock = clock;
        this.message = new EmailMessage(notification);
        this.id = "<%s@%s>"
                .formatted(
                        UUID.randomUUID(),
                        settings.from().substring(settings.from().indexOf('@') + 1));
        this.trust = settings.caFile().isPresent()
                ? Optional.of(Trust.ofCaFile(settings.caFile().get()).getSocketFactory())
                : Optional.empty();
        settings.to().forEach(address -> waiting.add(address(address)));
        if (notification.isAlarming()) {
            mentions.stream()
                    .map(Mention::inEmail)
                    .flatMap(Optional::stream)
                    .forEach(address -> waiting.add(address(address)));
        }
        this.recipients = List.copyOf(waiting);
    }

    private static InternetAddress address(String address) {
        InternetAddress plain = new InternetAddress();
        plain.setAddress(address);
        return plain;
    }

    @Override
    public Attempt send(Duration timeout) {
        Session session = Session.getInstance(properties(timeout));
        try (Transport transport = session.getTransport("smtp")) {
            transport.connect(
                    settings.server(),
                    settings.port(),
                    settings.login().map(Email.Login::user).orElse(null),
                    password.orElse(null));
            MimeMessage mail = mail(session);
            mail.saveChanges();
            transport.sendMessage(mail, waiting.toArray(Address[]::new));
            waiting.clear();
            return ended(NO_CODE, "");
        } catch (AuthenticationFailedException refused) {
            return new Attempt.Refused("the server refuses the login%s".formatted(said(refused)));
        } catch (SendFailedException partly) {
            return partly(partly);
        } catch (MessagingException failed) {
            return failed(failed);
        }
    }

    private Properties properties(Duration timeout) {
        Properties properties = new Properties();
        String millis = Long.toString(Math.max(1, timeout.toMillis()));
        properties.setProperty("mail.smtp.connectiontimeout", millis);
        properties.setProperty("mail.smtp.timeout", millis);
        properties.setProperty("mail.smtp.writetimeout", millis);
        properties.setProperty(
                "mail.smtp.auth", Boolean.toString(settings.login().isPresent()));
        properties.setProperty("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
        properties.setProperty("mail.smtp.from", settings.from());
        properties.setProperty("mail.smtp.sendpartial", "true");
        properties.setProperty("mail.smtp.quitwait", "false");
        properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(settings.tls() == Email.Tls.TLS));
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(settings.tls() == Email.Tls.STARTTLS));
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(settings.tls() == Email.Tls.STARTTLS));
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        properties.setProperty("mail.smtp.ssl.protocols", "TLSv1.3 TLSv1.2");
        trust.ifPresent(factory -> properties.put("mail.smtp.ssl.socketFactory", factory));
        return properties;
    }

    private MimeMessage mail(Session session) throws MessagingException {
        MimeMessage mail = new MimeMessage(session) {
            // The same at each attempt; the library's own would name this machine and its user.
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", id);
            }
        };
        mail.setFrom(address(settings.from()));
        mail.setRecipients(Message.RecipientType.TO, recipients.toArray(Address[]::new));
        mail.setSubject(message.subject(), UTF_8.name());
        mail.setSentDate(Date.from(clock.instant()));
        mail.setHeader("Auto-Submitted", "auto-generated");
        MimeBodyPart text = new MimeBodyPart();
        text.setText(message.text(), UTF_8.name(), "plain");
        MimeBodyPart html = new MimeBodyPart();
        html.setText(message.html(), UTF_8.name(), "html");
        mail.setContent(new MimeMultipart("alternative", text, html));
        return mail;
    }

    /** Some have it, or none: recipients may be refused for good, or for now. */
    private Attempt partly(SendFailedException failed) {
        for (Address sent : addresses(failed.getValidSentAddresses())) {
            waiting.remove(sent);
        }
        String later = "";
        int code = failed instanceof SMTPSendFailedException answered ? answered.getReturnCode() : NO_CODE;
        for (Exception each = failed.getNextException(); each != null; each = next(each)) {
            if (each instanceof SMTPAddressFailedException address && waiting.contains(address.getAddress())) {
                String sentence =
                        "%s is refused%s".formatted(address.getAddress().getAddress(), said(address));
                if (isForNow(address.getReturnCode())) {
                    later = sentence;
                    code = address.getReturnCode();
                } else {
                    refusals.add(sentence);
                    waiting.remove(address.getAddress());
                }
            } else if (each instanceof SMTPSendFailedException answered) {
                code = answered.getReturnCode();
            }
        }
        return ended(code, later.isEmpty() ? "the server does not take the mail" + said(failed) : later);
    }

    private static @Nullable Exception next(Exception each) {
        return each instanceof MessagingException messaging ? messaging.getNextException() : null;
    }

    private static List<Address> addresses(Address @Nullable [] addresses) {
        return addresses == null ? List.of() : List.of(addresses);
    }

    /** @param saw of those that still wait */
    private Attempt ended(int code, String saw) {
        String gone = (refusals.size() < recipients.size()
                        ? "%d of %d recipients: ".formatted(refusals.size(), recipients.size())
                        : "")
                + String.join("; ", refusals);
        if (waiting.isEmpty()) {
            return refusals.isEmpty() ? new Attempt.Told() : new Attempt.Refused(gone);
        }
        String all = refusals.isEmpty() ? saw : gone + "; " + saw;
        return isForNow(code) ? new Attempt.Failed(all) : new Attempt.Refused(all);
    }

    private static boolean isForNow(int code) {
        return code >= 400 && code < 500;
    }

    private Attempt failed(MessagingException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException tls) {
                return BrokenTls.attempt(tls);
            }
        }
        String words = String.valueOf(failed.getMessage());
        if (words.startsWith("STARTTLS is required")) {
            return new Attempt.Refused("the server offers no STARTTLS");
        }
        Matcher reply = REPLY.matcher(words);
        if (reply.find() && reply.group(1).startsWith("5")) {
            return new Attempt.Refused("the server refuses%s".formatted(said(failed)));
        }
        return new Attempt.Failed(
                failed.getCause() instanceof IOException
                        ? "no answer, or the connection ended"
                        : "the server does not go on" + said(failed));
    }

    /** What the server said, from its code on; nothing when it said nothing. */
    private String said(MessagingException failed) {
        String words = String.valueOf(failed.getMessage());
        Matcher reply = REPLY.matcher(words);
        if (!reply.find()) {
            return "";
        }
        String text = words.substring(reply.start(1)).lines().collect(Collectors.joining(" "));
        return ": "
                + Shown.plain(
                        password.map(secret -> text.replace(secret, "[MASKED]")).orElse(text));
    }

    @Override
    public void close() {
        // Each attempt has a connection of its own.
    }
}
