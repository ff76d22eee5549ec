package dev.gitopsexecutor.checks;

/**
 * What a server answered.
 *
 * @param contentType as the server wrote it; empty without one
 * @param contentEncoding likewise
 * @param location likewise
 * @param body at most its first 64 KiB
 * @param isCut whether there is more of it
 */
record Answer(int status, String contentType, String contentEncoding, String location, String body, boolean isCut) {
    boolean isGood() {
        return status >= 200 && status < 300;
    }

    /** Whether the server sends us elsewhere, where we do not go. */
    boolean isRedirect() {
        return switch (status) {
            case 300, 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }
}
