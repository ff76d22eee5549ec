package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ReleaseId;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which releases of a host have outlived their use once a new one is verified. */
final class Retention {
    private static final int VERIFIED_TO_KEEP = 3;

    private Retention() {}

    /** All but the new one, the one before it, and those that were verified last up to three in all. */
    static List<ReleaseId> outlived(HostState before, ReleaseId verified) {
        List<ReleaseId> others = before.releases().stream()
                .filter(release -> release.verified().isPresent())
                .sorted(ReleaseRecord.BY_PROOF.reversed())
                .map(ReleaseRecord::id)
                .filter(id -> !id.equals(verified))
                .limit(VERIFIED_TO_KEEP - 1)
                .toList();
        Set<ReleaseId> kept = others.stream().collect(Collectors.toSet());
        kept.add(verified);
        before.lastVerified().map(ReleaseRecord::id).ifPresent(kept::add);
        return before.releases().stream()
                .map(ReleaseRecord::id)
                .filter(id -> !kept.contains(id))
                .toList();
    }
}
