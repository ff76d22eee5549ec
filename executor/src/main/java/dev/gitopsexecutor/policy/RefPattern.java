package dev.gitopsexecutor.policy;

/** A full ref path in which {@code *} stands for any characters of one path segment; matching never backtracks. */
record RefPattern(String text) {

    boolean matches(String refPath) {
        String[] wanted = text.split("/", -1);
        String[] segments = refPath.split("/", -1);
        if (wanted.length != segments.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (!segmentMatches(wanted[i], segments[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean segmentMatches(String wanted, String segment) {
        if (segment.isEmpty()) {
            return false;
        }
        String[] pieces = wanted.split("\\*", -1);
        String first = pieces[0];
        String last = pieces[pieces.length - 1];
        if (pieces.length == 1) {
            return segment.equals(first);
        }
        if (segment.length() < first.length() + last.length()
                || !segment.startsWith(first)
                || !segment.endsWith(last)) {
            return false;
        }
        // The leftmost place is always as good as any later one, so one pass decides.
        String middle = segment.substring(first.length(), segment.length() - last.length());
        int from = 0;
        for (int i = 1; i < pieces.length - 1; i++) {
            int at = middle.indexOf(pieces[i], from);
            if (at < 0) {
                return false;
            }
            from = at + pieces[i].length();
        }
        return true;
    }
}
