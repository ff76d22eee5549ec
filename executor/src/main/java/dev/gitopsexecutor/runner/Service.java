package dev.gitopsexecutor.runner;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One of the job's {@code services:}, as its author wrote it.
 *
 * @param image not yet looked at
 * @param aliases host names under which the script expects it, the author's first
 * @param entrypoint in place of the image's own; that when empty
 * @param command in place of the image's own; that when empty
 * @param variables the service's own; those of the job are not among them
 */
public record Service(
        String image,
        List<String> aliases,
        List<String> entrypoint,
        List<String> command,
        Map<String, String> variables) {
    private static final int MAX_ALIASES = 10;
    private static final Pattern HOST_NAME = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?");
    private static final Pattern VARIABLE = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    public Service {
        aliases = List.copyOf(aliases);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        variables = Map.copyOf(variables);
    }

    static Service of(JsonObject service) {
        String image = service.text("name").orElse("");
        Map<String, String> variables = new LinkedHashMap<>();
        service.objects("variables").forEach(it -> {
            String key = it.text("key").orElse("");
            if (VARIABLE.matcher(key).matches()) {
                variables.put(key, it.text("value").orElse(""));
            }
        });
        return new Service(
                image,
                aliases(service.text("alias").orElse(""), image),
                service.texts("entrypoint"),
                service.texts("command"),
                variables);
    }

    /**
     * What is no host name is left out.
     *
     * @see <a href="https://docs.gitlab.com/ci/services/#accessing-the-services">the names that an image gives</a>
     */
    private static List<String> aliases(String written, String image) {
        Set<String> names = new LinkedHashSet<>(List.of(written.split("[ ,]", -1)));
        String path = withoutTag(image);
        names.add(path.replace("/", "__"));
        names.add(path.replace('/', '-'));
        return names.stream()
                .filter(name -> HOST_NAME.matcher(name).matches())
                .limit(MAX_ALIASES)
                .toList();
    }

    private static String withoutTag(String image) {
        int digest = image.indexOf('@');
        String name = digest < 0 ? image : image.substring(0, digest);
        int tag = name.lastIndexOf(':');
        return tag > name.lastIndexOf('/') ? name.substring(0, tag) : name;
    }

    /** Of all that its author gives it, in characters. */
    public int length() {
        return Stream.of(
                        entrypoint.stream(), command.stream(), variables.keySet().stream(), variables.values().stream())
                .flatMap(texts -> texts)
                .mapToInt(text -> text.length() + 1)
                .sum();
    }
}
