package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Builds the application's image for one version, pushes it, and keeps nothing of it on this machine. */
final class AppImages {
    /** In the registry. */
    static final String REPOSITORY = "shop/app";

    private final DockerClient docker;
    private final Registry registry;
    private final Path directory;

    AppImages(DockerClient docker, Registry registry, Path directory) {
        this.docker = docker;
        this.registry = registry;
        this.directory = directory;
    }

    /** Returns the digest in the registry. */
    String publish(String tag, AppVariant variant) throws IOException, InterruptedException {
        Path context = Files.createTempDirectory(directory, "image");
        Path www = Files.createDirectory(context.resolve("www"));
        Files.writeString(www.resolve("index.html"), "shop " + tag + "\n");
        if (variant != AppVariant.UNHEALTHY) {
            String version = variant == AppVariant.WRONG_VERSION ? "0".repeat(tag.length()) : tag;
            Files.writeString(www.resolve("health"), "{\"status\":\"ok\",\"version\":\"%s\"}%n".formatted(version));
        }
        Path dockerfile = context.resolve("Dockerfile");
        // No step before the first that no other build has: a removal beside it would take what both stand on.
        Files.writeString(dockerfile, "FROM " + Images.APP + "\nCOPY www /www\n" + command(variant));
        String name = registry.loopbackAddress() + "/" + REPOSITORY + ":" + tag;
        docker.buildImageCmd()
                .withBaseDirectory(context.toFile())
                .withDockerfile(dockerfile.toFile())
                .withTags(Set.of(name))
                .exec(new BuildImageResultCallback())
                .awaitImageId();
        String digest = registry.push(docker, REPOSITORY, tag);
        docker.removeImageCmd(name).withForce(true).exec();
        return digest;
    }

    private static String command(AppVariant variant) {
        return variant == AppVariant.CRASHES
                ? "CMD [\"/bin/sh\", \"-c\", \"echo cannot start: no database >&2; exit 3\"]\n"
                : "";
    }
}
