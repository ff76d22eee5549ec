package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.model.NotifierName;
import dev.gitopsexecutor.notify.NotifierSettings;
import dev.gitopsexecutor.notify.NotifierSettings.Email;
import dev.gitopsexecutor.notify.NotifierSettings.Slack;
import dev.gitopsexecutor.notify.NotifierSettings.Telegram;
import dev.gitopsexecutor.notify.NotifierSettings.Webhook;
import dev.gitopsexecutor.notify.OwnSecret;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads {@code notifiers} of executor.yaml. */
final class NotifiersReader {
    private static final URI TELEGRAM = URI.create("https://api.telegram.org");
    private static final List<String> KINDS = List.of("slack", "telegram", "webhook", "email");
    private static final Pattern CHAT = Pattern.compile("-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{4,31}");
    private static final Pattern SERVER = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?");
    private static final int MOST_RECIPIENTS = 50;

    private static final YamlType<String> ADDRESS = YamlType.text(text -> {
        if (!Mention.isEmail(text)) {
            throw new IllegalArgumentException("write an address alone, such as releases@example.com");
        }
        return text;
    });

    private final boolean hasOwnIdentity;

    private NotifiersReader(boolean hasOwnIdentity) {
        this.hasOwnIdentity = hasOwnIdentity;
    }

    static SortedMap<NotifierName, NotifierSettings> read(YamlMap root, boolean hasOwnIdentity) {
        NotifiersReader reader = new NotifiersReader(hasOwnIdentity);
        SortedMap<NotifierName, NotifierSettings> notifiers = new TreeMap<>();
        var _ = root.optionalMap("notifiers", map -> {
            map.eachMap(
                    NotifierName::new,
                    (name, entry) -> reader.notifier(entry).ifPresent(settings -> notifiers.put(name, settings)));
            return Optional.of(map);
        });
        return notifiers;
    }

    private Optional<NotifierSettings> notifier(YamlMap map) {
        Optional<NotifierSettings> slack = map.optionalMap("slack", this::slack);
        Optional<NotifierSettings> telegram = map.optionalMap("telegram", this::telegram);
        Optional<NotifierSettings> webhook = map.optionalMap("webhook", this::webhook);
        Optional<NotifierSettings> email = map.optionalMap("email", this::email);
        if (KINDS.stream().filter(map::has).count() != 1) {
            map.problem("slack", "write one of %s here, and one alone".formatted(String.join(", ", KINDS)));
        }
        map.end();
        return slack.or(() -> telegram).or(() -> webhook).or(() -> email);
    }

    private Optional<NotifierSettings> slack(YamlMap map) {
        int before = map.problems().count();
        Optional<OwnSecret> url = secret(map, "webhook");
        return ended(map, before, caFile -> new Slack(url.orElseThrow(), caFile));
    }

    private Optional<NotifierSettings> telegram(YamlMap map) {
        int before = map.problems().count();
        Optional<OwnSecret> token = secret(map, "token");
        Optional<String> chat = map.required(
                "chat", Texts.matching(CHAT, "the number of a chat in quotes, such as \"-1001234567890\", or @name"));
        Optional<Long> thread = map.optional("thread", YamlType.integer(1, Integer.MAX_VALUE));
        URI api = map.optional("api_url", Texts.serviceUrl(), TELEGRAM);
        return ended(map, before, caFile -> new Telegram(token.orElseThrow(), chat.orElseThrow(), thread, api, caFile));
    }

    private Optional<NotifierSettings> webhook(YamlMap map) {
        int before = map.problems().count();
        Optional<URI> url = map.required("url", Texts.serviceUrl());
        Optional<OwnSecret> key = secret(map, "key");
        return ended(map, before, caFile -> new Webhook(url.orElseThrow(), key.orElseThrow(), caFile));
    }

    private Optional<NotifierSettings> email(YamlMap map) {
        int before = map.problems().count();
        Optional<String> server = map.required("server", Texts.matching(SERVER, "a DNS name or an IPv4 address"));
        Email.Tls tls = map.optional("tls", YamlType.oneOf(Email.Tls.values()), Email.Tls.STARTTLS);
        long port = map.optional("port", YamlType.integer(1, 65_535), usualPort(tls));
        if (tls == Email.Tls.NONE
                && server.filter(name -> !Texts.isLoopback(name)).isPresent()) {
            map.problem("tls", "mail crosses no network in the clear; write starttls or tls");
        }
        Optional<String> user =
                map.optional("user", YamlType.text(Texts.nonBlank("the name to log in with, as the server has it")));
        boolean hasPassword = map.has("password_file") || map.has("password_secret");
        Optional<OwnSecret> password = hasPassword || user.isPresent() ? secret(map, "password") : Optional.empty();
        if (hasPassword && user.isEmpty() && !map.has("user")) {
            map.problem("user", "missing; a password means nothing without a name");
        }
        Optional<String> from = map.required("from", ADDRESS);
        List<String> to = map.list("to", ADDRESS);
        if (to.size() > MOST_RECIPIENTS) {
            map.problem(
                    "to",
                    "%d are too many; write at most %d, or the address of a list"
                            .formatted(to.size(), MOST_RECIPIENTS));
        }
        return ended(
                map,
                before,
                caFile -> new Email(
                        server.orElseThrow(),
                        (int) port,
                        tls,
                        user.map(name -> new Email.Login(name, password.orElseThrow())),
                        from.orElseThrow(),
                        to,
                        caFile));
    }

    private static long usualPort(Email.Tls tls) {
        return switch (tls) {
            case STARTTLS -> 587;
            case TLS -> 465;
            case NONE -> 25;
        };
    }

    private static Optional<NotifierSettings> ended(
            YamlMap map, int before, Function<Optional<Path>, NotifierSettings> settings) {
        Optional<Path> caFile = map.optional("ca_file", Texts.absolutePath());
        map.end();
        return map.problems().ifNoneSince(before, () -> settings.apply(caFile));
    }

    /** From {@code NAME_file} or {@code NAME_secret}. */
    private Optional<OwnSecret> secret(YamlMap map, String name) {
        String inVault = name + "_secret";
        Optional<OwnSecret> file =
                map.optional(name + "_file", Texts.absolutePath()).map(OwnSecret.InFile::new);
        Optional<OwnSecret> vault =
                map.optional(inVault, YamlType.text(PolicyReader::field)).map(OwnSecret.InVault::new);
        if (map.has(name + "_file") && map.has(inVault)) {
            map.problem(inVault, "contradicts `%s_file`; keep one".formatted(name));
        } else if (!map.has(name + "_file") && !map.has(inVault)) {
            map.problem(name + "_file", "missing; write `%s_file` or `%s`".formatted(name, inVault));
        }
        if (map.has(inVault) && !hasOwnIdentity) {
            map.problem(inVault, "is read as the executor itself; write `vault.own_identity` too");
        }
        return file.or(() -> vault);
    }
}
