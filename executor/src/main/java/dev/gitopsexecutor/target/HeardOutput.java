package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** What a host sends, kept as it is; somebody hears each of its lines meanwhile that is short, as long as it is kept. */
final class HeardOutput extends OutputStream {
    private static final int LONGEST_LINE = 1000;

    private final BoundedOutput kept;
    private final Consumer<String> heard;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean tooLong;

    HeardOutput(BoundedOutput kept, Consumer<String> heard) {
        this.kept = kept;
        this.heard = heard;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        kept.write(bytes, offset, length);
        for (int index = offset; index < offset + length && !kept.overflowed(); index++) {
            hear(bytes[index]);
        }
    }

    private void hear(byte next) {
        if (next != '\n') {
            tooLong |= line.size() == LONGEST_LINE;
            if (!tooLong) {
                line.write(next);
            }
            return;
        }
        if (!tooLong) {
            heard.accept(line.toString(UTF_8));
        }
        line.reset();
        tooLong = false;
    }
}
