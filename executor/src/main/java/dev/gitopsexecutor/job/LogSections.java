package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which sections of the job log a script has opened and not closed: GitLab would fold all that follows into them.
 *
 * @see <a href="https://docs.gitlab.com/ci/jobs/job_logs/">GitLab's section markers</a>
 */
final class LogSections {
    private static final String BEGINNING = "section_";

    /** GitLab's own has no bounds; they are here so that no output can make the search slow. */
    private static final Pattern MARKER = Pattern.compile(
            BEGINNING + "(start|end):[0-9]{1,20}:([a-zA-Z0-9_.-]{1,1024})(?:\\[[^\\r\\n]{0,1024}])?\\r\\x1b\\[0K");

    private static final int LONGEST_MARKER = 2100;

    /** A script that opens more is not after a readable log: the innermost are closed. */
    private static final int MOST = 100;

    private final SequencedSet<String> open = new LinkedHashSet<>();
    private String tail = "";

    /** A marker may be spread over several calls. */
    void read(byte[] bytes, int offset, int length) {
        String text = tail + new String(bytes, offset, length, ISO_8859_1);
        int end = 0;
        for (Matcher marker = MARKER.matcher(text); marker.find(); end = marker.end()) {
            note(marker.group(1), marker.group(2));
        }
        tail = text.substring(unfinished(text, end));
    }

    /** Where a marker may begin whose end comes with the next call. */
    private static int unfinished(String text, int from) {
        int begun = text.indexOf(BEGINNING, Math.max(from, text.length() - LONGEST_MARKER));
        return begun >= 0 ? begun : Math.max(from, text.length() - BEGINNING.length());
    }

    private void note(String kind, String name) {
        open.remove(name);
        if (kind.equals("start")) {
            open.add(name);
            if (open.size() > MOST) {
                open.removeFirst();
            }
        }
    }

    /** The innermost first. */
    List<String> open() {
        return List.copyOf(open.reversed());
    }
}
