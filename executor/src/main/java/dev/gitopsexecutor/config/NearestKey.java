package dev.gitopsexecutor.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses which key, or other name, a mistyped one was meant to be. */
public final class NearestKey {
    private static final int MOST_EDITS = 3;
    private static final int MAX_LENGTH = 64;

    private NearestKey() {}

    /** Empty when none of {@code known} is near enough to be meant. */
    public static Optional<String> of(String typed, Collection<String> known) {
        if (typed.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        int limit = Math.min(MOST_EDITS, Math.max(1, typed.length() / 3));
        return known.stream()
                .filter(key -> edits(typed, key) <= limit)
                .min(Comparator.comparingInt((String key) -> edits(typed, key))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Inserted, removed, changed and swapped neighbouring letters, case and {@code -} for {@code _} for nothing. */
    private static int edits(String typed, String key) {
        String a = typed.toLowerCase(Locale.ROOT).replace('-', '_');
        String b = key.toLowerCase(Locale.ROOT);
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cheapest(int[][] cost, String a, String b, int i, int j) {
        int change = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(change, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
