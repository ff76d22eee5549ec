package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;

/**
 * How far releases have taken a host's database: the highest numbers of all that were ever activated there, whether or not
 * they stayed. A migration is not undone by a rollback of the program.
 */
record SchemaMark(long version, long oldest) {
    static final SchemaMark NONE = new SchemaMark(0, 0);

    private static final JsonMapper JSON = new JsonMapper();

    /** The mark once {@code schema} was activated as well. */
    SchemaMark and(SchemaSpec schema) {
        return new SchemaMark(Math.max(version, schema.version()), Math.max(oldest, schema.oldest()));
    }

    /** Whether a release of {@code schema} still runs on the database. */
    boolean allows(SchemaSpec schema) {
        return schema.version() >= oldest;
    }

    /** Why it is not allowed; a part of a sentence. */
    String refusal(SchemaSpec schema) {
        return "the database is at schema %d, on which releases below schema %d do not run; this one is of schema %d"
                .formatted(version, oldest, schema.version());
    }

    String json() {
        return JSON.createObjectNode()
                        .put("version", version)
                        .put("oldest", oldest)
                        .toPrettyString()
                + "\n";
    }

    /** Throws {@code HOST_UNSUITABLE} for a damaged text: what is there and cannot be read proves nothing. */
    static SchemaMark parse(String text) {
        try {
            JsonNode root = JSON.readTree(text);
            if (root.path("version").canConvertToLong() && root.path("oldest").canConvertToLong()) {
                return new SchemaMark(
                        root.path("version").asLong(), root.path("oldest").asLong());
            }
        } catch (JsonProcessingException damaged) {
            // Said below, as of numbers that are none.
        }
        throw new ExecutorException(new Failure(
                FailureCode.HOST_UNSUITABLE,
                "see how far the database's schema is",
                ".gitops/schema.json on the host",
                "the file is damaged; nothing was changed",
                "Write it anew, such as {\"version\": 12, \"oldest\": 10}; without the file any release may come."));
    }
}
