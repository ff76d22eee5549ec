package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How many MB of output the masker passes per second of processor time with a hundred secrets in it: of what programs usually print, and of
 * text that begins a secret again and again.
 *
 * <p>To be run with the options of the launcher, whose compiler is the quick one.
 */
public final class MaskerSpeed {
    private static final int SECRETS = 100;
    private static final int CHUNK = 8 * 1024;
    private static final int SIZE = 32 * 1024 * 1024;
    private static final int WARM_UP = 3;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Masker masker = new Masker();
    private final List<String> secrets = new ArrayList<>();
    private final Random random = new Random(20261124);

    private MaskerSpeed() {
        for (int i = 0; i < SECRETS; i++) {
            StringBuilder secret = new StringBuilder();
            for (int length = 16 + random.nextInt(32); length > 0; length--) {
                secret.append((char) ('!' + random.nextInt('~' - '!')));
            }
            secrets.add(secret.toString());
        }
        secrets.forEach(masker::add);
    }

    /** One line for each run: the kind of text and MB per second. */
    public static void main(String[] arguments) throws IOException {
        int runs = Integer.parseInt(arguments[0]);
        MaskerSpeed speed = new MaskerSpeed();
        byte[] usual = speed.usual();
        byte[] hostile = speed.hostile();
        for (int run = -WARM_UP; run < runs; run++) {
            long usualSpeed = speed.measure(usual);
            long hostileSpeed = speed.measure(hostile);
            if (run >= 0) {
                System.out.println("usual " + usualSpeed);
                System.out.println("hostile " + hostileSpeed);
            }
        }
    }

    private long measure(byte[] text) throws IOException {
        long started = THREADS.getCurrentThreadCpuTime();
        try (OutputStream out = masker.wrap(OutputStream.nullOutputStream())) {
            for (int from = 0; from < text.length; from += CHUNK) {
                out.write(text, from, Math.min(CHUNK, text.length - from));
            }
        }
        return text.length * 1000L / (THREADS.getCurrentThreadCpuTime() - started);
    }

    /** A build's log, with a secret in one line of two hundred. */
    private byte[] usual() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(SIZE + 1024);
        for (int line = 0; text.size() < SIZE; line++) {
            String end = line % 200 == 0 ? " password=" + secret() : "";
            text.write(
                    "[INFO] %6d Downloaded from central: https://repo.example.com/maven2/org/example/lib-%d/%x.jar (%d kB at 1.2 MB/s)%s%n"
                            .formatted(line, line % 97, random.nextLong(), line % 1000, end)
                            .getBytes(UTF_8));
        }
        return text.toByteArray();
    }

    /** Beginnings of spellings, each of which leaves its secret only after some bytes. */
    private byte[] hostile() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(SIZE + 1024);
        List<String> spellings = secrets.stream()
                .flatMap(secret -> Encodings.of(secret, Masker.SHORTEST).stream())
                .toList();
        while (text.size() < SIZE) {
            String spelling = spellings.get(random.nextInt(spellings.size()));
            text.write(spelling.substring(0, random.nextInt(spelling.length())).getBytes(UTF_8));
        }
        return text.toByteArray();
    }

    private String secret() {
        return secrets.get(random.nextInt(secrets.size()));
    }
}
