package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.model.Mention;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One way to tell people, as executor.yaml has it. */
public sealed interface NotifierSettings {
    /** PEM; the system's CAs where it is empty. */
    Optional<Path> caFile();

    /** Empty where none is needed. */
    Optional<OwnSecret> secret();

    /** Whether people of this channel can be mentioned so. */
    boolean understands(Mention mention);

    /**
     * An incoming webhook of Slack, or of what speaks as Slack does.
     *
     * @param url the whole URL, a secret
     */
    record Slack(OwnSecret url, Optional<Path> caFile) implements NotifierSettings {
        @Override
        public Optional<OwnSecret> secret() {
            return Optional.of(url);
        }

        @Override
        public boolean understands(Mention mention) {
            return mention.inSlack().isPresent();
        }
    }

    /**
     * A bot of Telegram.
     *
     * @param chat a number, or {@code @name} of a channel
     * @param thread of a forum
     * @param api without a path of its own
     */
    record Telegram(OwnSecret token, String chat, Optional<Long> thread, URI api, Optional<Path> caFile)
            implements NotifierSettings {
        @Override
        public Optional<OwnSecret> secret() {
            return Optional.of(token);
        }

        @Override
        public boolean understands(Mention mention) {
            return mention.inTelegram().isPresent();
        }
    }

    /**
     * Anything that takes JSON by HTTP.
     *
     * @param key of the HMAC
     */
    record Webhook(URI url, OwnSecret key, Optional<Path> caFile) implements NotifierSettings {
        @Override
        public Optional<OwnSecret> secret() {
            return Optional.of(key);
        }

        @Override
        public boolean understands(Mention mention) {
            return true;
        }
    }

    /**
     * A server that takes mail.
     *
     * @param login nobody logs in where it is empty
     * @param from an address alone
     * @param to addresses alone
     */
    record Email(
            String server,
            int port,
            Tls tls,
            Optional<Login> login,
            String from,
            List<String> to,
            Optional<Path> caFile)
            implements NotifierSettings {
        public Email {
            to = List.copyOf(to);
        }

        /** How the connection is encrypted. */
        public enum Tls {
            /** After a first word in the clear; a server that does not offer it is refused. */
            STARTTLS,
            /** From the first byte. */
            TLS,
            /** Not at all: only on a loopback address. */
            NONE
        }

        /** As whom mail is sent. */
        public record Login(String user, OwnSecret password) {}

        @Override
        public Optional<OwnSecret> secret() {
            return login.map(Login::password);
        }

        @Override
        public boolean understands(Mention mention) {
            return mention.inEmail().isPresent();
        }
    }
}
