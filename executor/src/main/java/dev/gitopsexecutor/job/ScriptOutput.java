package dev.gitopsexecutor.job;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Passes on what a script prints, and knows in what state that leaves the job log. */
final class ScriptOutput extends OutputStream {
    private final OutputStream out;
    private final LogSections sections = new LogSections();
    private int last = '\n';

    ScriptOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > 0) {
            note(bytes, offset, length);
        }
        // Without the lock: a reader that is stuck must not keep anybody from asking.
        out.write(bytes, offset, length);
    }

    private synchronized void note(byte[] bytes, int offset, int length) {
        last = bytes[offset + length - 1];
        sections.read(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    synchronized boolean isMidLine() {
        return last != '\n';
    }

    /** Names of the sections that it opened and did not close, the innermost first. */
    synchronized List<String> openSections() {
        return sections.open();
    }
}
