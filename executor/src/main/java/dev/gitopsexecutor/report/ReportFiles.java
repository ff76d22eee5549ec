package dev.gitopsexecutor.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A deploy's report as the files that a job can keep.
 *
 * @param page for people
 * @param json for programs
 * @param dotenv for later jobs of the pipeline
 */
public record ReportFiles(String page, String json, String dotenv) {
    public static final String PAGE = "deploy-report.html";
    public static final String JSON = "deploy-report.json";
    public static final String DOTENV = "deploy.env";

    private static final int MAX_PAGE = 640 * 1024;
    private static final int MAX_JSON = 383 * 1024;

    /**
     * Together they have at most 1 MiB of UTF-8: of very many hosts, or very long texts, the files leave something out and say so.
     *
     * @param mask of secrets, for every text that goes in
     */
    public static ReportFiles of(DeployReport report, UnaryOperator<String> mask) {
        SafeText shown = new SafeText(mask);
        return new ReportFiles(
                within(MAX_PAGE, limits -> HtmlPage.of(report, limits, shown)),
                within(MAX_JSON, limits -> ReportJson.of(report, limits, shown)),
                DotEnv.of(report, shown));
    }

    private static String within(int bytes, Function<Limits, String> file) {
        String usual = file.apply(Limits.USUAL);
        return usual.getBytes(UTF_8).length <= bytes ? usual : file.apply(Limits.CLOSE);
    }
}
