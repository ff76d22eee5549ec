package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Collection;

/**
 * Finds many byte strings in one pass over a stream, whatever its length and theirs.
 *
 * <p>Where none begins, it looks at the first {@value #WINDOW} bytes that one would have and, by what stands at their
 * end, passes over up to six bytes at once (Wu and Manber's shifts).
 *
 * <p>Aho and Corasick's machine: a state is the longest end of the input that begins one of the strings, its depth is
 * that end's length. The first state has a full table, since nearly all input is read there; the others have short
 * lists, so that a secret of 64 KiB in thirty spellings still takes a few megabytes.
 */
final class Automaton {
    static final int START = 0;

    /** No text is shorter. */
    static final int WINDOW = Masker.SHORTEST;

    private static final int BLOCK = 3;
    private static final int HASH_BITS = 20;

    /** By the hash of a block: how far before the window's end it stands last in any text, at the most. */
    private final byte[] shifts = new byte[1 << HASH_BITS];

    /** One bit for the hash of each four bytes with which a text begins. */
    private final long[] prefixes = new long[(1 << HASH_BITS) / 64];

    private final int[] fromStart = new int[256];

    /** One bit for each pair of bytes with which a string begins. */
    private final long[] beginnings = new long[65536 / 64];

    private byte[] label;
    private int[] firstChild;
    private int[] nextSibling;
    private int[] depth;
    private int[] fallback;
    private int[] longestMatch;
    private int states = 1;

    /** Each text has at least {@link #WINDOW} bytes. */
    Automaton(Collection<String> texts) {
        Arrays.fill(shifts, (byte) (WINDOW - BLOCK + 1));
        int capacity =
                1 + texts.stream().mapToInt(text -> text.getBytes(UTF_8).length).sum();
        label = new byte[capacity];
        firstChild = new int[capacity];
        nextSibling = new int[capacity];
        depth = new int[capacity];
        fallback = new int[capacity];
        longestMatch = new int[capacity];
        texts.forEach(text -> insert(text.getBytes(UTF_8)));
        shrink();
        link();
    }

    /** The state after {@code input} was read in {@code state}. */
    int next(int state, byte input) {
        int current = state;
        while (current != START) {
            int child = child(current, input);
            if (child != START) {
                return child;
            }
            current = fallback[current];
        }
        return fromStart[input & 0xff];
    }

    /** How many bytes of the input's end may still become a match. */
    int depth(int state) {
        return depth[state];
    }

    /** How many bytes of the input's end are a match, the longest where several are; 0 for none. */
    int longestMatch(int state) {
        return longestMatch[state];
    }

    /** The index in {@code data}, from {@code from} on, where a text may begin, or {@code to}. */
    int skipAtStart(byte[] data, int from, int to) {
        int i = from;
        int lastWindow = to - WINDOW;
        while (i <= lastWindow) {
            int shift = shifts[blockHash(data, i + WINDOW - BLOCK)];
            if (shift == 0 && beginsPrefix(data, i)) {
                return i;
            }
            i += Math.max(shift, 1);
        }
        return skipAtEnd(data, i, to);
    }

    /** Where less than a window is left. */
    private int skipAtEnd(byte[] data, int from, int to) {
        int last = to - 1;
        for (int i = from; i < last; i++) {
            if (fromStart[data[i] & 0xff] != START && beginsString(data[i], data[i + 1])) {
                return i;
            }
        }
        return from < to && fromStart[data[last] & 0xff] != START ? last : to;
    }

    private static int blockHash(byte[] data, int at) {
        return hash((data[at] & 0xff) << 16 | (data[at + 1] & 0xff) << 8 | (data[at + 2] & 0xff));
    }

    private static int prefixHash(byte[] data, int at) {
        return hash((data[at] & 0xff) << 24
                | (data[at + 1] & 0xff) << 16
                | (data[at + 2] & 0xff) << 8
                | (data[at + 3] & 0xff));
    }

    /** Fibonacci's: the upper bits of a product with the golden ratio. */
    private static int hash(int bytes) {
        return (bytes * 0x9e3779b9) >>> (32 - HASH_BITS);
    }

    private boolean beginsPrefix(byte[] data, int at) {
        int hash = prefixHash(data, at);
        return (prefixes[hash >> 6] & 1L << hash) != 0;
    }

    private boolean beginsString(byte first, byte second) {
        int pair = (first & 0xff) << 8 | (second & 0xff);
        return (beginnings[pair >> 6] & 1L << pair) != 0;
    }

    private void insert(byte[] text) {
        for (int at = 0; at <= WINDOW - BLOCK; at++) {
            int hash = blockHash(text, at);
            shifts[hash] = (byte) Math.min(shifts[hash], WINDOW - BLOCK - at);
        }
        int prefix = prefixHash(text, 0);
        prefixes[prefix >> 6] |= 1L << prefix;
        int pair = (text[0] & 0xff) << 8 | (text[1] & 0xff);
        beginnings[pair >> 6] |= 1L << pair;
        int state = START;
        for (byte b : text) {
            int child = state == START ? fromStart[b & 0xff] : child(state, b);
            if (child == START) {
                child = states++;
                label[child] = b;
                depth[child] = depth[state] + 1;
                if (state == START) {
                    fromStart[b & 0xff] = child;
                } else {
                    nextSibling[child] = firstChild[state];
                    firstChild[state] = child;
                }
            }
            state = child;
        }
        longestMatch[state] = depth[state];
    }

    /** The state in which the one text goes on that {@code state}, not the first, is in; else {@link #START}. */
    int child(int state, byte input) {
        int child = firstChild[state];
        while (child != START && label[child] != input) {
            child = nextSibling[child];
        }
        return child;
    }

    private void shrink() {
        label = Arrays.copyOf(label, states);
        firstChild = Arrays.copyOf(firstChild, states);
        nextSibling = Arrays.copyOf(nextSibling, states);
        depth = Arrays.copyOf(depth, states);
        fallback = Arrays.copyOf(fallback, states);
        longestMatch = Arrays.copyOf(longestMatch, states);
    }

    /** Breadth first, so that the state fallen back to, which is less deep, is always ready. */
    private void link() {
        int[] queue = new int[states];
        int end = 0;
        for (int child : fromStart) {
            if (child != START) {
                queue[end++] = child;
            }
        }
        for (int at = 0; at < end; at++) {
            int state = queue[at];
            for (int child = firstChild[state]; child != START; child = nextSibling[child]) {
                fallback[child] = next(fallback[state], label[child]);
                longestMatch[child] = Math.max(longestMatch[child], longestMatch[fallback[child]]);
                queue[end++] = child;
            }
        }
    }
}
