package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.util.SortedMap;

/**
 * The Compose file of ours that lies over the application team's: the exact image and the env file of each service, and the
 * profile that {@code layout.sh} enables, so that those under {@code profiles:} are there too, and no others.
 */
final class ComposeOverride {
    private ComposeOverride() {}

    /** Names and images are of grammars that hold nothing YAML or Compose would read as syntax within quotes. */
    static String render(SortedMap<ServiceName, ImageRef> images) {
        StringBuilder text = new StringBuilder("# Written by gitops-executor at each deploy.\nservices:\n");
        images.forEach((service, image) -> text.append("""
                  "%s":
                    image: "%s"
                    env_file: ["../.env"]
                    profiles: ["gitops-executor"]
                """.formatted(service, image)));
        return text.toString();
    }
}
