package dev.gitopsexecutor.report;

import dev.gitopsexecutor.report.CheckRow.Result;

/** How a check came out, told by a shape as well as by a colour. */
final class Mark {
    private Mark() {}

    /** In an SVG, its middle at {@code x} and {@code y}. */
    static void draw(Html page, Result result, String x, int y) {
        String shape = switch (result) {
            case PASSED -> "<circle class=\"mark passed\" r=\"5\"/>";
            case WARNED -> "<path class=\"mark warned\" d=\"M0-7 7 5H-7Z\"/>";
            case FAILED -> "<path class=\"mark failed\" d=\"M-5-5 5 5M5-5-5 5\"/>";
        };
        page.raw("<svg overflow=\"visible\" x=\"" + x + "\" y=\"" + y + "\">" + shape + "</svg>");
    }

    static void legend(Html page) {
        page.raw("<p class=\"legend\">");
        for (Result result : Result.values()) {
            page.raw("<span><svg aria-hidden=\"true\">");
            draw(page, result, "6", 6);
            page.raw("</svg>").raw(result.word()).raw("</span>");
        }
        page.raw("</p>\n");
    }
}
