package dev.gitopsexecutor.job;

import java.io.IOException;
import java.io.OutputStream;

/** Passes on what a script prints, and knows whether it stopped in the middle of a line. */
final class ScriptOutput extends OutputStream {
    private final OutputStream out;
    private volatile int last = '\n';

    ScriptOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
        last = value;
        out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > 0) {
            last = bytes[offset + length - 1];
        }
        out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    boolean isMidLine() {
        return last != '\n';
    }
}
