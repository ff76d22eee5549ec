package dev.gitopsexecutor.job;

import java.util.Optional;

/** The version of this program. */
public final class Version {
    private Version() {}

    /** As the jar's manifest says; {@code development} when the classes do not come from the jar. */
    public static String current() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
