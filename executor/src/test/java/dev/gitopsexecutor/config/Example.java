package dev.gitopsexecutor.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/** The three kinds of file, each with its example, its schema and its reader. */
enum Example {
    EXECUTOR("packaging/etc/executor.yaml", "executor") {
        @Override
        Object read(String yaml) {
            return ExecutorConfig.parse(yaml.getBytes(UTF_8), "executor.yaml");
        }
    },
    POLICY("packaging/etc/policy.yaml", "policy") {
        @Override
        Object read(String yaml) {
            return PolicyFile.parse(yaml.getBytes(UTF_8), "policy.yaml").policy();
        }
    },
    DEPLOY("examples/shop/.gitops/deploy.yaml", "deploy") {
        @Override
        Object read(String yaml) {
            return DeploySpecFile.parse(yaml.getBytes(UTF_8), "deploy.yaml", COMMIT);
        }
    };

    static final CommitSha COMMIT = new CommitSha("0123456789abcdef0123456789abcdef01234567");
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private final String file;
    private final String schema;

    Example(String file, String schema) {
        this.file = file;
        this.schema = schema;
    }

    abstract Object read(String yaml);

    String text() {
        return contentOf(file);
    }

    /** The example with every optional key, which it shows behind a comment sign. */
    String textWithOptionalKeys() {
        return text().replaceAll("(?m)^( *)# ( *[a-z_-]+:( .*)?)$", "$1$2");
    }

    JsonNode schema() {
        try {
            return new ObjectMapper().readTree(contentOf("docs/schema/" + schema + ".schema.json"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    List<Error> schemaErrors(String yaml) {
        Schema compiled = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema());
        Object loaded =
                new Load(LoadSettings.builder().setSchema(new JsonSchema()).build()).loadFromString(yaml);
        return compiled.validate(new ObjectMapper().<JsonNode>valueToTree(loaded));
    }

    private static String contentOf(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
