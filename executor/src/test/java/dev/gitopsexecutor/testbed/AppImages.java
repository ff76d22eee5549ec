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
        // No step before the first that no other build has: a removal beside it would take what both stand on.
        return publish(context, REPOSITORY + ":" + tag, "COPY www /www\n" + command(variant));
    }

    /** One with that text in {@code /version}; {@code name} is repository and tag. */
    String publishJobImage(String name, String version) throws IOException, InterruptedException {
        Path context = Files.createTempDirectory(directory, "image");
        Files.writeString(context.resolve("version"), version + "\n");
        return publish(context, name, "COPY version /version\n");
    }

    private String publish(Path context, String name, String steps) throws IOException, InterruptedException {
        Path dockerfile = Files.writeString(context.resolve("Dockerfile"), "FROM " + Images.APP + "\n" + steps);
        String pushed = registry.loopbackAddress() + "/" + name;
        docker.buildImageCmd()
                .withBaseDirectory(context.toFile())
                .withDockerfile(dockerfile.toFile())
                .withTags(Set.of(pushed))
                .exec(new BuildImageResultCallback())
                .awaitImageId();
        int colon = name.lastIndexOf(':');
        String digest = registry.push(docker, name.substring(0, colon), name.substring(colon + 1));
        docker.removeImageCmd(pushed).withForce(true).exec();
        return digest;
    }

    private static String command(AppVariant variant) {
        return switch (variant) {
            case CRASHES -> shell("echo cannot start: no database >&2; exit 3");
            case CRASHES_LATER -> shell("httpd -p 8080 -h /www; sleep 6; echo out of ideas >&2; exit 7");
            case TELLS_SECRETS ->
                shell(
                        "env; echo \"cannot log in with $DATABASE_PASSWORD\" >&2; s=$DATABASE_PASSWORD;"
                                + " printf %s \"$s\" | busybox base64 -w 0; echo; printf %s \"user:$s\" | busybox base64 -w 0; echo;"
                                + " printf %s \"$s\" | busybox xxd -p -c 100000; echo \"{\\\"password\\\": \\\"$s\\\"}\"; exit 3");
            case ANSWERS_SECRETS ->
                shell(
                        "s=$DATABASE_PASSWORD; echo \"{\\\"db\\\": \\\"$s\\\", \\\"key\\\":"
                                + " \\\"$(printf %s \"$s\" | busybox base64 -w 0)\\\"}\" >/www/health; exec httpd -f -p 8080 -h /www");
            case LIKES_BLANKS ->
                shell("case $DATABASE_PASSWORD in *' '*) exec httpd -f -p 8080 -h /www;; esac;"
                        + " echo the database refuses the password >&2; exit 4");
            case HEALTHY, UNHEALTHY, WRONG_VERSION -> "";
        };
    }

    private static String shell(String script) {
        return "CMD [\"/bin/sh\", \"-c\", \"%s\"]\n"
                .formatted(script.replace("\\", "\\\\").replace("\"", "\\\""));
    }
}
