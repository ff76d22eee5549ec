package dev.gitopsexecutor.testbed;

/**
 * One commit of the application with its image in the registry.
 *
 * @param sha of the commit
 * @param digest of the image
 */
public record Release(String branch, String sha, String digest) {
    /** The image's tag, which is also the version that a healthy one answers. */
    public String tag() {
        return sha.substring(0, 8);
    }
}
