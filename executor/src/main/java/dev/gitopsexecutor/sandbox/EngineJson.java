package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.gitopsexecutor.model.RegistryLogin;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The little JSON that {@link EngineSocket}'s calls need. */
final class EngineJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private EngineJson() {}

    /** The request that creates an exec. */
    static String exec(List<String> argv, String user, boolean stdin) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeBooleanField("AttachStdin", stdin);
            json.writeBooleanField("AttachStdout", true);
            json.writeBooleanField("AttachStderr", true);
            json.writeBooleanField("Tty", false);
            json.writeStringField("User", user);
            json.writeArrayFieldStart("Cmd");
            for (String word : argv) {
                json.writeString(word);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    /**
     * What the engine hands on to a registry, for a header.
     *
     * @see <a href="https://docs.docker.com/reference/api/engine/version/v1.41/#section/Authentication">its form</a>
     */
    static String login(RegistryLogin login) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("username", login.username());
            json.writeStringField("password", login.revealPassword());
            json.writeStringField("serveraddress", login.registry());
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return Base64.getUrlEncoder().encodeToString(text.toString().getBytes(UTF_8));
    }

    /** The first text under that name, at whatever depth. */
    static String firstText(String document, String name) throws IOException {
        try (JsonParser parser = FACTORY.createParser(document)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING && name.equals(parser.currentName())) {
                    return parser.getText();
                }
            }
        }
        throw new IOException("the engine's answer has no " + name);
    }

    /** {@code {"name": [value, …], …}}. */
    static String lists(Map<String, List<String>> lists) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, List<String>> list : lists.entrySet()) {
                json.writeArrayFieldStart(list.getKey());
                for (String value : list.getValue()) {
                    json.writeString(value);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /** The text that each object of the document's first list has under {@code name}; empty without a list. */
    static List<String> inList(String document, String name) throws IOException {
        List<String> found = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(document)) {
            if (toFirstList(parser)) {
                inSequence(parser, name, found);
            }
        }
        return found;
    }

    /** The same of objects that stand one after the other. */
    static List<String> inSequence(String documents, String name) throws IOException {
        List<String> found = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(documents)) {
            inSequence(parser, name, found);
        }
        return found;
    }

    private static void inSequence(JsonParser parser, String name, List<String> found) throws IOException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = parser.currentName().equals(name);
                if (parser.nextToken().isStructStart()) {
                    parser.skipChildren();
                } else if (wanted) {
                    found.add(parser.getText());
                }
            }
        }
    }

    /** The texts of the list that the document's object has under {@code name}; empty without one. */
    static List<String> texts(String document, String name) throws IOException {
        List<String> found = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the engine's answer is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = parser.currentName().equals(name);
                if (parser.nextToken() == JsonToken.START_ARRAY && wanted) {
                    while (parser.nextToken() == JsonToken.VALUE_STRING) {
                        found.add(parser.getText());
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }
        return found;
    }

    /** The labels of each object in the document's first list, by what it has under {@code key}. */
    static Map<String, Map<String, String>> labels(String document, String key) throws IOException {
        Map<String, Map<String, String>> found = new TreeMap<>();
        try (JsonParser parser = FACTORY.createParser(document)) {
            toFirstList(parser);
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                String id = "";
                Map<String, String> labels = Map.of();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    JsonToken value = parser.nextToken();
                    if (name.equals("Labels") && value == JsonToken.START_OBJECT) {
                        labels = members(parser);
                    } else if (value.isStructStart()) {
                        parser.skipChildren();
                    } else if (name.equals(key)) {
                        id = parser.getText();
                    }
                }
                found.put(id, labels);
            }
        }
        return found;
    }

    private static boolean toFirstList(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        while (token != null && token != JsonToken.START_ARRAY) {
            token = parser.nextToken();
        }
        return token != null;
    }

    /** The object's own texts, numbers and flags by name; what is null, a list or an object is left out. */
    static Map<String, String> members(String document) throws IOException {
        try (JsonParser parser = FACTORY.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the engine's answer is not a JSON object");
            }
            return members(parser);
        }
    }

    private static Map<String, String> members(JsonParser parser) throws IOException {
        Map<String, String> members = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value.isStructStart()) {
                parser.skipChildren();
            } else if (value != JsonToken.VALUE_NULL) {
                members.put(name, parser.getText());
            }
        }
        return members;
    }

    /** The sentence in an answer such as {@code Status 404: {"message":"No such image"}}, or else the whole answer. */
    static String message(String answer) {
        String whole = answer.strip();
        int body = whole.indexOf('{');
        if (body < 0) {
            return whole;
        }
        try {
            return members(whole.substring(body)).getOrDefault("message", whole).strip();
        } catch (IOException notJson) {
            return whole;
        }
    }
}
