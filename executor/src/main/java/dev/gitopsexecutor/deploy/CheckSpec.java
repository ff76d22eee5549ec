package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a release proves itself: on each host, and where users come.
 *
 * @param healthUrl on a loopback address, asked from the host itself
 * @param deadline for the application to become healthy, on each host and then in public
 * @param publicUrl of the health of the whole environment, asked from this machine; empty where it has none
 * @param smoke in their order
 * @param stability for which everything must run without a restart, once all of that is proven
 */
public record CheckSpec(
        URI healthUrl,
        Duration deadline,
        Optional<VersionSpec> version,
        Optional<URI> publicUrl,
        List<SmokeSpec> smoke,
        Duration stability) {
    /** A variable of the environment in a smoke check's header or body. */
    public static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z_][A-Za-z0-9_]*)\\}");

    public static final int MOST_SMOKE = 50;

    /** Where nobody says another. */
    public static final Duration STABILITY = Duration.ofSeconds(2);

    private static final Duration LONGEST = Duration.ofHours(1);

    /** Throws {@link IllegalArgumentException} for what no deploy.yaml could have said: the record of a release may lie. */
    public CheckSpec {
        if (outOfRange(deadline) || outOfRange(stability)) {
            throw new IllegalArgumentException("a deadline of %s, a stability of %s".formatted(deadline, stability));
        }
        if (healthUrl.getHost() == null || !"http".equals(healthUrl.getScheme())) {
            throw new IllegalArgumentException("no URL of health: " + healthUrl);
        }
        smoke = List.copyOf(smoke);
        if (smoke.size() > MOST_SMOKE) {
            throw new IllegalArgumentException(smoke.size() + " smoke checks");
        }
    }

    private static boolean outOfRange(Duration time) {
        return time.isNegative() || time.compareTo(LONGEST) > 0;
    }

    /** Path and query of a URL. */
    public static String path(URI url) {
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return (url.getRawPath().isEmpty() ? "/" : url.getRawPath()) + query;
    }

    /** Of an environment with that public URL. */
    CheckSpec withPublicUrl(Optional<URI> url) {
        return new CheckSpec(healthUrl, deadline, version, url, smoke, stability);
    }

    /** With the longer of the two times. */
    CheckSpec stableFor(Duration least) {
        return stability.compareTo(least) >= 0
                ? this
                : new CheckSpec(healthUrl, deadline, version, publicUrl, smoke, least);
    }

    /** Every place that this machine is to connect to, as a URL; for the policy to decide on. */
    public List<URI> publicPlaces() {
        List<URI> places = new ArrayList<>(publicUrl.stream().toList());
        publicUrl.ifPresent(url -> smoke.stream()
                .map(SmokeSpec::probe)
                .filter(probe ->
                        probe instanceof SmokeProbe.Tcp tcp && tcp.from().contains(Place.PUBLIC))
                .map(probe -> URI.create("tcp://%s:%d".formatted(url.getHost(), ((SmokeProbe.Tcp) probe).port())))
                .forEach(places::add));
        return List.copyOf(places);
    }

    /** The names of variables that smoke checks send. */
    public static List<String> placeholders(SmokeProbe.Http http) {
        return Stream.concat(http.headers().values().stream(), http.body().stream())
                .flatMap(text -> PLACEHOLDER.matcher(text).results().map(found -> found.group(1)))
                .distinct()
                .toList();
    }
}
