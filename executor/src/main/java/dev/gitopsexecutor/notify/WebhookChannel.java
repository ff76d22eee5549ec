package dev.gitopsexecutor.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.io.Http;
import dev.gitopsexecutor.model.Mention;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A message to anything that takes JSON; it can tell that the message is ours, how old it is, and one sent twice. */
final class WebhookChannel implements Channel {
    private static final String HMAC = "HmacSHA256";

    private final HttpPost post;
    private final URI url;
    private final String key;
    private final InstantSource clock;
    private final String delivery = UUID.randomUUID().toString();
    private final String json;

    WebhookChannel(
            HttpPost post,
            URI url,
            String key,
            Notification notification,
            List<Mention> mentions,
            InstantSource clock) {
        this.post = post;
        this.url = url;
        this.key = key;
        this.clock = clock;
        this.json = WebhookMessage.of(notification, mentions);
    }

    @Override
    public Attempt send(Duration timeout) throws InterruptedException {
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        Map<String, String> headers = Map.of(
                "X-Gitops-Delivery",
                delivery,
                "X-Gitops-Timestamp",
                timestamp,
                "X-Gitops-Signature",
                "sha256=" + signature(timestamp + "." + json));
        return post.send(url, headers, json, timeout, this::judged);
    }

    private Attempt judged(Http.Answer answer) {
        return answer.status() >= 200 && answer.status() < 300 ? new Attempt.Told() : post.judged(answer);
    }

    private String signature(String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), HMAC));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + HMAC, impossible);
        }
    }

    @Override
    public void close() {
        post.close();
    }
}
