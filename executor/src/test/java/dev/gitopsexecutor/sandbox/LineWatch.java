package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;

/** Output of a script in which a test waits for a word. */
final class LineWatch extends ByteArrayOutputStream {
    private final String word;
    private final CountDownLatch seen = new CountDownLatch(1);

    LineWatch(String word) {
        this.word = word;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        super.write(bytes, offset, length);
        if (text().contains(word)) {
            seen.countDown();
        }
    }

    void await() throws InterruptedException {
        Assertions.assertThat(seen.await(30, TimeUnit.SECONDS))
                .as("output has \"%s\"", word)
                .isTrue();
    }

    synchronized String text() {
        return toString(UTF_8);
    }
}
