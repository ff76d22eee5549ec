package dev.gitopsexecutor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.CheckRule;
import dev.gitopsexecutor.policy.RuleBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmokeReaderTest {
    private static final String FRONT_PAGE = "front-page: {path: /}";
    private static final String URL = "# or with url: https://staging.shop.example.com";

    @Test
    void readsEveryKindInTheOrderOfTheFile() {
        List<SmokeSpec> smoke =
                spec("""
                orders: {path: "/api/orders?limit=1", from: both, json: {/total: 1, /open: true}, latency: 800ms,
                        status: [200, 206], matches: "\\\\d+", headers: {Authorization: "Bearer {DATABASE_PASSWORD}"}}
                    order: {path: /api/orders, method: POST, mutating: true, body: '{"sku": "{LOG_LEVEL}"}', timeout: 20s}
                    database: {tcp: 5432, retries: 5}
                    console: {command: [bin/console, doctor], service: app}
                    journey: {command: [python3, journey.py], blocking: false}
                """).checks(new RuleBuilder("staging").build()).smoke();

        assertThat(smoke)
                .extracting(SmokeSpec::name)
                .containsExactly("orders", "order", "database", "console", "journey");
        SmokeProbe.Http orders = (SmokeProbe.Http) smoke.get(0).probe();
        assertThat(orders.path()).isEqualTo("/api/orders?limit=1");
        assertThat(orders.from()).isEqualTo(Set.of(Place.HOST, Place.PUBLIC));
        assertThat(orders.json()).isEqualTo(Map.of("/total", "1", "/open", "true"));
        assertThat(orders.latency()).contains(Duration.ofMillis(800));
        assertThat(orders.status()).containsExactly(200, 206);
        assertThat(orders.matches()).contains("\\d+");
        assertThat(orders.headers()).isEqualTo(Map.of("Authorization", "Bearer {DATABASE_PASSWORD}"));
        assertThat(orders.mutating()).isFalse();
        assertThat(smoke.get(0))
                .extracting(SmokeSpec::retries, SmokeSpec::timeout, SmokeSpec::blocking)
                .containsExactly(2, Duration.ofSeconds(5), true);
        SmokeProbe.Http order = (SmokeProbe.Http) smoke.get(1).probe();
        assertThat(order.mutating()).isTrue();
        assertThat(order.body()).contains("{\"sku\": \"{LOG_LEVEL}\"}");
        assertThat(smoke.get(1).retries()).isZero();
        assertThat(smoke.get(1).timeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(smoke.get(2).probe()).isEqualTo(new SmokeProbe.Tcp(5432, Set.of(Place.HOST)));
        assertThat(smoke.get(2).retries()).isEqualTo(5);
        assertThat(smoke.get(3).probe())
                .isEqualTo(new SmokeProbe.InService(new ServiceName("app"), List.of("bin/console", "doctor")));
        assertThat(smoke.get(3).timeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(smoke.get(4).probe()).isEqualTo(new SmokeProbe.InJob(List.of("python3", "journey.py")));
        assertThat(smoke.get(4).blocking()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: {path: /, method: POST} | checks.smoke.a.method: POST changes something; write `mutating: true` too",
                "a: {path: /, body: x} | checks.smoke.a.body: GET sends none",
                "a: {path: /, method: HEAD, matches: x} | checks.smoke.a.method: the answer to HEAD has no body",
                "a: {path: /, matches: '('} | checks.smoke.a.matches: \"(\": write a regular expression of RE2: missing closing )",
                "a: {path: /, headers: {A: '{NOBODY}'}} | checks.smoke.a.headers: {NOBODY} is no variable of environment production",
                "a: {path: /, headers: {A: '{NOBODY}'}} | checks.smoke.a.headers: {NOBODY} is no variable of environment staging",
                "a: {path: /, method: POST, mutating: true, retries: 1} | checks.smoke.a.retries: what changes something",
                "a: {command: [ls], service: web} | checks.smoke.a.service: is not one of the services above that stay",
                "a: {command: [\"a\\0b\"]} | checks.smoke.a.command[0]:",
            })
    void refusesWhatContradicts(String check, String sentence) {
        assertThatThrownBy(() -> spec(check))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw()).contains(sentence));
    }

    @Test
    void whatIsAskedInPublicNeedsAPublicUrl() {
        String yaml = Example.DEPLOY.text().replace(FRONT_PAGE, "a: {path: /, from: public}");

        assertThatThrownBy(() -> Example.DEPLOY.read(yaml))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("checks.smoke.a.from: no environment has a public URL; add `url` to one"));
    }

    @Test
    void secretsDoNotCrossTheNetworkUnencrypted() {
        String yaml = Example.DEPLOY
                .text()
                .replace(URL, "url: http://staging.shop.example.com")
                .replace(FRONT_PAGE, "a: {path: /, from: both, headers: {X: '{DATABASE_PASSWORD}'}}");

        assertThatThrownBy(() -> Example.DEPLOY.read(yaml))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains(
                                        "checks.smoke.a.headers: {DATABASE_PASSWORD} would cross the network",
                                        "https:// in `url` of environment staging"));
    }

    @Test
    void thePublicHealthIsThatOfTheHostsUnlessItHasItsOwnPath() {
        RuleBuilder rule =
                new RuleBuilder("staging").checks(new CheckRule(List.of(), Optional.empty(), Duration.ofSeconds(30)));
        String own = Example.DEPLOY.text().replace("# or with public_path: /healthz", "public_path: /healthz");

        assertThat(spec(FRONT_PAGE).checks(rule.build()).publicUrl())
                .contains(URI.create("https://staging.shop.example.com/health"));
        assertThat(read(own).checks(rule.build()).publicUrl())
                .contains(URI.create("https://staging.shop.example.com/healthz"));
        assertThat(spec(FRONT_PAGE).checks(rule.build()).stability()).isEqualTo(Duration.ofSeconds(30));
        assertThat(spec(FRONT_PAGE)
                        .checks(new RuleBuilder("production").build())
                        .publicUrl())
                .isEmpty();
    }

    @Test
    void aPolicysHostIsTheWholeAuthority() {
        CheckRule rule =
                new CheckRule(List.of("shop.example.com", "shop.example.com:8443"), Optional.empty(), Duration.ZERO);

        assertThat(List.of(
                        "https://shop.example.com/x",
                        "http://shop.example.com/",
                        "https://shop.example.com:443/",
                        "https://shop.example.com:8443/"))
                .allSatisfy(url -> assertThat(rule.allows(URI.create(url))).isTrue());
        assertThat(List.of(
                        "https://shop.example.com:80/",
                        "https://evil.shop.example.com/",
                        "https://shop.example.com.evil/",
                        "http://127.0.0.1/",
                        "https://shop.example.com:8444/"))
                .allSatisfy(url -> assertThat(rule.allows(URI.create(url))).isFalse());
        assertThat(CheckRule.DEFAULT.allows(URI.create("https://shop.example.com/")))
                .isFalse();
    }

    private static DeploySpec spec(String checks) {
        return read(Example.DEPLOY.text().replace(FRONT_PAGE, checks.strip()));
    }

    private static DeploySpec read(String yaml) {
        return (DeploySpec) Example.DEPLOY.read(yaml.replace(URL, "url: https://staging.shop.example.com"));
    }
}
