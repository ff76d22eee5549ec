package dev.gitopsexecutor.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.Shown;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/** The plain part of YAML that our files need: one document, maps, lists and values; no anchors, aliases or tags. */
final class Yaml {
    static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 20;

    private Yaml() {}

    /** The map at the top of the file, or problems. */
    static Optional<YamlMap> read(byte[] content, Problems problems) {
        if (content.length > MAX_BYTES) {
            problems.add(
                    Optional.empty(), "", "the file has %d bytes; at most 1 MiB is read".formatted(content.length));
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        try {
            String text = UTF_8.newDecoder().decode(bytes).toString();
            if (hasUnprintable(text, problems)) {
                return Optional.empty();
            }
            LoadSettings settings = LoadSettings.builder()
                    .setSchema(new JsonSchema())
                    .setCodePointLimit(MAX_BYTES)
                    .setAllowNonScalarKeys(true)
                    .build();
            int before = problems.count();
            refuseWhatIsNotPlain(new Parse(settings).parseString(text), problems);
            return problems.count() > before
                    ? Optional.empty()
                    : top(new Compose(settings).composeString(text), problems);
        } catch (CharacterCodingException notUtf8) {
            // The decoder stands before the first bytes that it refused.
            problems.addAfter(
                    new String(content, 0, bytes.position(), UTF_8), "the file is not UTF-8 text from here on");
        } catch (MarkedYamlEngineException malformed) {
            problems.add(malformed.getProblemMark(), "", "not YAML: " + Shown.plain(malformed.getProblem()));
        } catch (YamlVersionException other) {
            problems.add(Optional.empty(), "", "%YAML names a version that is not read; remove the line");
        } catch (YamlEngineException malformed) {
            problems.add(Optional.empty(), "", "not YAML: " + Shown.plain(String.valueOf(malformed.getMessage())));
        }
        return Optional.empty();
    }

    /** The library refuses these too, but does not say where they are. */
    private static boolean hasUnprintable(String text, Problems problems) {
        int at = 0;
        while (at < text.length() && StreamReader.isPrintable(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        if (at == text.length()) {
            return false;
        }
        problems.addAfter(
                text.substring(0, at), "the character U+%04X is not read; remove it".formatted(text.codePointAt(at)));
        return true;
    }

    private static Optional<YamlMap> top(Optional<Node> root, Problems problems) {
        if (root.isEmpty()) {
            problems.add(Optional.empty(), "", "the file is empty");
            return Optional.empty();
        }
        if (root.get() instanceof MappingNode map) {
            return Optional.of(new YamlMap(map, "", problems));
        }
        problems.add(root.get().getStartMark(), "", "the file must be a map of keys, as in the example");
        return Optional.empty();
    }

    /** Before nodes are made of the events, since that recurses: the depth of a hostile file must not be ours. */
    private static void refuseWhatIsNotPlain(Iterable<Event> events, Problems problems) {
        int depth = 0;
        for (Event event : events) {
            if (event instanceof AliasEvent) {
                problems.add(event.getStartMark(), "", "aliases (*name) are not read; write the value again");
            } else if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
                String name = node.getAnchor().map(Anchor::getValue).orElse("");
                problems.add(
                        event.getStartMark(),
                        "",
                        "anchors are not read; remove &%s and write values out".formatted(name));
            }
            if (event instanceof CollectionStartEvent start) {
                refuseTag(start.getTag().isPresent() && !start.isImplicit(), event, problems);
                if (++depth > MAX_DEPTH) {
                    problems.add(event.getStartMark(), "", "nested more than %d deep".formatted(MAX_DEPTH));
                    return;
                }
            } else if (event instanceof ScalarEvent scalar) {
                refuseTag(scalar.getTag().isPresent(), event, problems);
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    private static void refuseTag(boolean tagged, Event event, Problems problems) {
        if (tagged) {
            problems.add(event.getStartMark(), "", "tags (!name) are not read; remove it");
        }
    }
}
