package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.RemoteInput;
import dev.gitopsexecutor.target.SshHost;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** What {@code pull.sh} is given and what it answers. */
final class ImagePull {
    private static final Pattern REFUSED =
            Pattern.compile("unauthorized|authentication required|no basic auth|denied|\\b40[13]\\b");
    private static final Pattern UNREACHABLE = Pattern.compile("connection refused|no such host|i/o timeout|timeout"
            + "|tls:|x509|network is unreachable|no route to host|gave http response|\\beof\\b|\\b50[0234]\\b"
            + "|toomanyrequests|server misbehaving");

    private ImagePull() {}

    /** @param full why nothing can be pulled; empty when it can */
    static RemoteInput input(
            Optional<RegistryLogin> login, Optional<String> full, SortedMap<ServiceName, ImageRef> images) {
        RemoteInput input = new RemoteInput();
        input.addSecret(SecretValue.of(login.map(ImagePull::dockerConfig).orElse("")));
        input.add(full.orElse(""));
        return input.addAll(images.values().stream().distinct().toList());
    }

    /**
     * The images with their digests; throws the failure of the first that was not pulled.
     *
     * @param mask takes secrets out of what is shown of {@code output}
     */
    static SortedMap<ServiceName, ImageRef> pinned(
            String output, SortedMap<ServiceName, ImageRef> images, SshHost host, UnaryOperator<String> mask) {
        Map<String, Digest> pulled = new HashMap<>();
        for (String line : output.lines().toList()) {
            String[] words = line.split(" ", 3);
            if (words.length == 3 && words[0].equals("failed")) {
                throw failure(
                        words[1], mask.apply(new String(Base64.getDecoder().decode(words[2]), UTF_8)), host);
            } else if (words.length == 3 && words[0].equals("full")) {
                throw full(words[1], words[2], host);
            } else if (words.length == 3 && words[0].equals("pulled") && !words[2].isBlank()) {
                pulled.put(words[1], new Digest(words[2].strip()));
            }
        }
        SortedMap<ServiceName, ImageRef> pinned = new TreeMap<>();
        images.forEach((service, image) -> pinned.put(service, pin(image, pulled, host)));
        return pinned;
    }

    private static ImageRef pin(ImageRef image, Map<String, Digest> pulled, SshHost host) {
        if (image.digest().isPresent()) {
            return image;
        }
        Digest digest = pulled.get(image.toString());
        if (digest == null) {
            throw failure(image.toString(), "the engine told no digest", host);
        }
        return image.withDigest(digest);
    }

    private static String dockerConfig(RegistryLogin login) {
        ObjectNode root = new JsonMapper().createObjectNode();
        String pair = login.username() + ":" + login.revealPassword();
        root.putObject("auths")
                .putObject(login.registry())
                .put("auth", Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
        return root.toString();
    }

    private static ExecutorException full(String image, String saw, SshHost host) {
        return new ExecutorException(new Failure(
                FailureCode.HOST_UNSUITABLE,
                "pull the image %s".formatted(PlainText.sentence(image)),
                host.endpoint(),
                PlainText.sentence(saw) + "\nnothing was changed",
                "Free space there (`docker system df`, `docker image prune`) and retry the job."));
    }

    private static ExecutorException failure(String image, String message, SshHost host) {
        String text = message.toLowerCase(Locale.ROOT);
        if (HostFailures.isDiskFull(text)) {
            return full(image, "the disk is full: " + message, host);
        }
        boolean missing = text.contains("manifest unknown") || text.contains("not found");
        FailureCode code = FailureCode.IMAGE_PULL_FAILED;
        String next = "Look at the message, then at the host: its disk and its Docker engine.";
        if (missing) {
            code = FailureCode.IMAGE_UNAVAILABLE;
            next = "See whether a job of this pipeline pushes this tag, and that it ends before the deploy starts.";
        } else if (REFUSED.matcher(text).find()) {
            code = FailureCode.REGISTRY_REFUSED;
            next = "Renew the credential that registry.credentials of policy.yaml names, and let it read this image.";
        } else if (UNREACHABLE.matcher(text).find()) {
            code = FailureCode.REGISTRY_UNREACHABLE;
            next = "See whether the registry is up and the host may reach it; retry the job then.";
        }
        return new ExecutorException(new Failure(
                code,
                "pull the image %s".formatted(PlainText.sentence(image)),
                host.name().value(),
                PlainText.sentence(message) + "\nnothing was changed",
                next));
    }
}
