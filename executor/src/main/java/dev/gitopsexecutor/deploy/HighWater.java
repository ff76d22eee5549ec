package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import java.util.Optional;

/** The newest pipeline that a host was deployed from; an older one must not undo it. */
record HighWater(long pipeline, JobId job, CommitSha sha) {
    private static final JsonMapper JSON = new JsonMapper();

    static HighWater of(Origin origin) {
        return new HighWater(origin.pipeline(), origin.job(), origin.sha());
    }

    /** Never falls: after a rollback to an older pipeline the newest one may come again, and no other. */
    HighWater orNewer(Optional<HighWater> other) {
        return other.filter(seen -> seen.pipeline > pipeline).orElse(this);
    }

    String json() {
        return JSON.createObjectNode()
                        .put("pipeline", pipeline)
                        .put("job", job.value())
                        .put("sha", sha.value())
                        .toPrettyString()
                + "\n";
    }

    /** Throws {@code HOST_UNSUITABLE} for a damaged text: what is there and cannot be read proves nothing. */
    static HighWater parse(String text) {
        try {
            JsonNode root = JSON.readTree(text);
            return new HighWater(
                    root.path("pipeline").asLong(),
                    new JobId(root.path("job").asLong()),
                    new CommitSha(root.path("sha").asText()));
        } catch (JsonProcessingException | IllegalArgumentException damaged) {
            throw new ExecutorException(new Failure(
                    FailureCode.HOST_UNSUITABLE,
                    "see which pipeline was deployed last",
                    ".gitops/high-water.json on the host",
                    "the file is damaged; nothing was changed",
                    "Remove it there: then any pipeline is accepted once, an older one too."));
        }
    }
}
