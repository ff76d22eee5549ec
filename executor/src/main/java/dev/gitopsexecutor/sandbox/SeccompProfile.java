package dev.gitopsexecutor.sandbox;

/**
 * Which system calls the programs in a job's containers may make: an own list, since that of an engine is as old as the
 * engine.
 *
 * @see <a href="https://github.com/moby/profiles/tree/main/seccomp">Moby's default profile</a>, of which ours is 0.3.0
 *     without capabilities, {@code ptrace} and its like, 32-bit programs, and sockets but of Unix, IP and netlink
 */
final class SeccompProfile {
    private SeccompProfile() {}

    /** As JSON: the engine takes the profile itself, and no path of one. */
    static String json() {
        return ContainerScripts.resource("seccomp.json");
    }
}
