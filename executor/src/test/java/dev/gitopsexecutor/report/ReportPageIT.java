package dev.gitopsexecutor.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.testbed.RealParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in a real browser. */
@RealParts
@Execution(ExecutionMode.SAME_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportPageIT {
    private static final Map<String, DeployReport> REPORTS = Map.of(
            "one", Samples.deployed(1),
            "back", Samples.rolledBack(2),
            "many", Samples.rolledBack(50),
            "refused",
                    Samples.refused(new Failure(
                            FailureCode.TOKEN_REFUSED,
                            "prove who the job is",
                            "the ID token of job 7",
                            "it expired 12 s ago",
                            "Retry the job.")),
            "hostile",
                    Samples.hostile(
                            "</style><script>fetch('https://elsewhere.example.com')</script>" + "x".repeat(400)));

    /** The contrast of each piece of text with what is behind it, where that is below what WCAG's AA wants. */
    private static final String PALE_TEXTS = """
            (() => {
              const rgb = text => text.match(/[\\d.]+/g).map(Number);
              const light = color => rgb(color).slice(0, 3)
                .map(it => it / 255).map(it => it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
                .reduce((sum, it, at) => sum + it * [0.2126, 0.7152, 0.0722][at], 0);
              const behind = element => {
                for (let at = element; at; at = at.parentElement) {
                  const color = getComputedStyle(at).backgroundColor;
                  if ((rgb(color)[3] ?? 1) > 0) { return color; }
                }
                return 'rgb(255, 255, 255)';
              };
              const pale = [];
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const element = walker.currentNode.parentElement;
                const skipped = ['title', 'desc', 'STYLE'].includes(element.tagName);
                if (!walker.currentNode.data.trim() || skipped) { continue; }
                const style = getComputedStyle(element);
                const color = element instanceof SVGElement ? style.fill : style.color;
                const [a, b] = [light(color), light(behind(element))].sort((x, y) => y - x);
                const contrast = (a + 0.05) / (b + 0.05);
                if (contrast < 4.5) { pale.push(element.outerHTML.slice(0, 80) + ' ' + contrast); }
              }
              return pale;
            })()""";

    @TempDir
    private static Path directory;

    private Browser browser;

    @BeforeAll
    void start() throws IOException {
        assumeTrue(Browser.isInstalled(), "Chromium is not installed");
        browser = Browser.start(Files.createDirectory(directory.resolve("profile")));
    }

    @AfterAll
    void end() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "one, 1280, light",
        "one, 1280, dark",
        "one, 360, light",
        "one, 360, dark",
        "back, 1280, light",
        "back, 1280, dark",
        "back, 360, light",
        "back, 360, dark",
        "many, 1280, light",
        "many, 360, dark",
        "refused, 1280, dark",
        "refused, 360, light",
        "hostile, 1280, light",
        "hostile, 360, dark",
    })
    void isQuietFitsAndCanBeRead(String name, int width, String colors) throws Exception {
        Path page = page(name);

        browser.open(page, width, colors);

        assertThat(browser.requests()).containsExactly(page.toUri().toString());
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.evaluate("document.scripts.length").asInt()).isZero();
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                .isLessThanOrEqualTo(width);
        assertThat(texts("""
                [...document.querySelectorAll('body *')]
                  .filter(it => it.getBoundingClientRect().right > innerWidth + 1 && it.checkVisibility())
                  .map(it => it.outerHTML.slice(0, 120))""")).as("what sticks out").isEmpty();
        assertThat(texts(PALE_TEXTS)).isEmpty();
        assertThat(browser.evaluate("document.querySelectorAll('h1').length").asInt())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"one, 1280", "one, 360", "many, 1280", "many, 360", "refused, 360"})
    void pictureHasAVisibleBarForEachPhaseInItsPlace(String name, int width) throws Exception {
        browser.open(page(name), width, "light");

        JsonNode bars = browser.evaluate("""
                (() => {
                  const lanes = document.querySelector('svg[role=img]').getBoundingClientRect();
                  return [...document.querySelectorAll('.bar.phase')].map(it => it.getBoundingClientRect())
                    .map(it => ({left: (it.left - lanes.left) / lanes.width, right: (it.right - lanes.left) / lanes.width,
                                 width: it.width, height: it.height}));
                })()""");

        assertThat(bars).hasSize(report(name).phases().size());
        double before = 0;
        for (JsonNode bar : bars) {
            assertThat(bar.get("width").asDouble()).isGreaterThan(1);
            assertThat(bar.get("height").asDouble()).isEqualTo(9);
            assertThat(bar.get("left").asDouble()).isBetween(before, 1.0);
            assertThat(bar.get("right").asDouble()).isBetween(before, 1.005);
            before = bar.get("left").asDouble();
        }
        assertThat(browser.evaluate("document.querySelector('svg[role=img] title').textContent")
                        .asText())
                .isEqualTo("Timeline of the deploy");
        assertThat(browser.evaluate("document.querySelector('svg[role=img] desc').textContent")
                        .asText())
                .contains(" phases and ");
    }

    @Test
    void labelsDoNotLieUponEachOther() throws Exception {
        for (int width : new int[] {360, 1280}) {
            browser.open(page("many"), width, "light");

            assertThat(texts("""
                    (() => {
                      const labels = [...document.querySelectorAll('.labels text, .bar.phase')]
                        .map(it => ({text: it.textContent, box: it.getBoundingClientRect()}));
                      const over = [];
                      labels.forEach((a, at) => labels.slice(at + 1).forEach(b => {
                        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
                        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
                        if (wide > 1 && high > 3) { over.push(a.text + ' / ' + b.text); }
                      }));
                      return over;
                    })()""")).isEmpty();
        }
    }

    @Test
    void darkIsDarkAndLightIsLight() throws Exception {
        String background = "getComputedStyle(document.body).backgroundColor";
        browser.open(page("one"), 1280, "light");
        String light = browser.evaluate(background).asText();
        browser.open(page("one"), 1280, "dark");
        String dark = browser.evaluate(background).asText();

        assertThat(light).isEqualTo("rgb(244, 246, 248)");
        assertThat(dark).isEqualTo("rgb(17, 21, 26)");
    }

    @Test
    void foreignMarkupIsText() throws Exception {
        browser.open(page("hostile"), 1280, "light");

        assertThat(browser.evaluate("document.title").asText()).isEqualTo("shop to production: Rolled back");
        assertThat(browser.evaluate("document.querySelector('h1').textContent").asText())
                .startsWith("Rolled back: </style><script>fetch(");
    }

    private List<String> texts(String expression) {
        JsonNode found = browser.evaluate(expression);
        assertThat(found.isArray()).isTrue();
        List<String> texts = new ArrayList<>();
        found.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static DeployReport report(String name) {
        return Objects.requireNonNull(REPORTS.get(name));
    }

    private static Path page(String name) throws IOException {
        ReportFiles files = ReportFiles.of(report(name), UnaryOperator.identity());
        return Files.writeString(directory.resolve(name + ".html"), files.page());
    }
}
