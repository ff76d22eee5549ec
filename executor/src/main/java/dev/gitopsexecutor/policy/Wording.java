package dev.gitopsexecutor.policy;

import java.util.Collection;
import java.util.stream.Collectors;

/** How reasons list what would have been allowed. */
final class Wording {
    private Wording() {}

    static String oneOf(Collection<String> allowed) {
        return switch (allowed.size()) {
            case 0 -> "nothing is allowed";
            case 1 -> allowed.iterator().next();
            default -> "one of " + allowed.stream().collect(Collectors.joining(", "));
        };
    }
}
