package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.model.ServiceName;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckJsonTest {
    @Test
    void everyCheckComesBackAsItWas() {
        CheckSpec checks = new CheckSpec(
                URI.create("http://127.0.0.1:8080/health"),
                Duration.ofSeconds(45),
                Optional.of(new VersionSpec("/version", Releases.APP, false)),
                Optional.of(URI.create("https://shop.example.com/health?deep=1")),
                List.of(
                        new SmokeSpec(
                                "orders",
                                new SmokeProbe.Http(
                                        "/api/orders?limit=1",
                                        "POST",
                                        new TreeMap<>(Map.of("X-Token", "{SMOKE_TOKEN}")),
                                        Optional.of("{\"a\": 1}"),
                                        new TreeSet<>(Set.of(200, 201)),
                                        new TreeMap<>(Map.of("/total", "1")),
                                        Optional.of("\\d+"),
                                        Optional.of(Duration.ofMillis(800)),
                                        Set.of(Place.HOST, Place.PUBLIC),
                                        true),
                                true,
                                0,
                                Duration.ofMillis(2500)),
                        new SmokeSpec(
                                "database",
                                new SmokeProbe.Tcp(5432, Set.of(Place.HOST)),
                                false,
                                2,
                                Duration.ofSeconds(5)),
                        new SmokeSpec(
                                "console",
                                new SmokeProbe.InService(new ServiceName("app"), List.of("bin/console", "a b")),
                                true,
                                0,
                                Duration.ofSeconds(60)),
                        new SmokeSpec(
                                "journey",
                                new SmokeProbe.InJob(List.of("sh", "-c", "true")),
                                true,
                                0,
                                Duration.ofSeconds(9))),
                Duration.ofSeconds(30));
        ReleaseRecord record = with(checks);

        assertThat(ReleaseJson.read(ReleaseJson.write(record))).contains(record);
    }

    /** A deploy of the same must not take it for another release. */
    @Test
    void aRecordOfAnEarlierVersionSaysWhatThatVersionDid() {
        String earlier = ReleaseJson.write(Releases.verified(1))
                .replaceFirst("(?m)^.*\"stability_ms\".*\\R", "")
                .replaceFirst(",\\s*\"version_required\" : true", "");

        assertThat(earlier).doesNotContain("stability_ms").doesNotContain("version_required");
        assertThat(ReleaseJson.read(earlier)).contains(Releases.verified(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"deadline_seconds\" : 99999999",
                "\"deadline_seconds\" : 60, \"stability_ms\" : -5",
                "\"deadline_seconds\" : 60, \"public_url\" : \"::\"",
                "\"deadline_seconds\" : 60, \"smoke\" : [{\"name\": \"a\", \"path\": \"/\", \"matches\": \"(\"}]",
                "\"deadline_seconds\" : 60, \"smoke\" : [{\"name\": \"a\", \"path\": \"/\", \"from\": [\"moon\"]}]",
            })
    void aRecordThatLiesIsNone(String lie) {
        String text = ReleaseJson.write(Releases.verified(1))
                .replaceFirst("(?m)^.*\"stability_ms\".*\\R", "")
                .replace("\"deadline_seconds\" : 60", lie);

        assertThat(text).contains(lie);
        assertThat(ReleaseJson.read(text)).isEmpty();
    }

    private static ReleaseRecord with(CheckSpec checks) {
        ReleaseRecord record = Releases.verified(1);
        return Releases.with(
                record,
                new ReleaseContent(
                        record.images(),
                        checks,
                        record.secrets(),
                        record.latest(),
                        record.schema(),
                        record.workload(),
                        record.files()));
    }
}
