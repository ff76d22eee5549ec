package dev.gitopsexecutor.runner;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What {@code config} answers.
 *
 * <p>No {@code hostname}: the runner prints it inside a shell script without escaping it.
 *
 * @param buildsDir inside the containers, absolute
 * @param cacheDir inside the containers, absolute
 */
public record DriverConfig(String version, String buildsDir, String cacheDir) {

    /** Writes exactly one JSON object, since the runner parses the whole stream; flushes {@code out}, leaves it open. */
    public void write(OutputStream out) throws IOException {
        JsonFactory factory = JsonFactory.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build();
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("driver");
            json.writeStringField("name", "gitops-executor");
            json.writeStringField("version", version);
            json.writeEndObject();
            json.writeStringField("builds_dir", buildsDir);
            json.writeStringField("cache_dir", cacheDir);
            json.writeBooleanField("builds_dir_is_shared", false);
            json.writeStringField("shell", "bash");
            json.writeEndObject();
        }
        out.flush();
    }
}
