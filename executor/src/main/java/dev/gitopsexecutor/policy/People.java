package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.JobClaims;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Users with one of the ids, or with one of the roles in the project. */
public record People(Set<Long> users, Set<Role> roles) {

    public People {
        users = Set.copyOf(users);
        roles = Set.copyOf(roles);
    }

    /** Whether who started the job is one of them. */
    boolean includeStarterOf(JobClaims job) {
        return users.contains(job.userId())
                || roles.stream().anyMatch(role -> Optional.of(word(role)).equals(job.userRole()));
    }

    /** For a reason: {@code one of user 5, maintainer}. */
    public String wanted() {
        return Wording.oneOf(Stream.concat(
                        users.stream().sorted().map("user %d"::formatted),
                        roles.stream().sorted().map(People::word))
                .toList());
    }

    private static String word(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
