package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.io.FileMutex;
import dev.gitopsexecutor.io.ProcessId;
import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.JobId;
import io.github.jopenlibs.vault.json.Json;
import io.github.jopenlibs.vault.json.JsonArray;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.json.JsonValue;
import io.github.jopenlibs.vault.json.ParseException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The tokens that jobs hold in Vault, in a file each, so that somebody can revoke those of a job that was killed.
 *
 * <p>No file holds a token: an accessor can be revoked with and asked about, by whoever else may do that.
 */
public final class HeldTokens {
    private static final String SUFFIX = ".json";
    private static final String LOCK = "lock";

    private final Path directory;

    /** In {@code vault-tokens} of the executor's state directory. */
    public HeldTokens(Path stateDirectory) {
        directory = stateDirectory.resolve("vault-tokens");
    }

    /** Returns once it is on disk, in place of what was there of the same token; throws {@code STATE_UNUSABLE}. */
    public void hold(HeldToken token) {
        locked("remember a token of Vault", () -> write(token));
    }

    /** Forgets one that is revoked or over. */
    public void drop(HeldToken token) {
        locked("forget a token of Vault", () -> Files.deleteIfExists(file(token)));
    }

    private interface Act {
        void run() throws IOException;
    }

    /** Who changes a file reads it first, and nobody else comes in between. */
    private void locked(String tried, Act act) {
        try {
            AtomicFiles.createPrivateDirectories(directory);
            var _ = FileMutex.hold(directory.resolve(LOCK), _ -> {
                act.run();
                return true;
            });
        } catch (IOException failed) {
            throw unusable(tried, failed);
        }
    }

    private void write(HeldToken token) throws IOException {
        JsonObject json = new JsonObject();
        token.job().ifPresent(job -> json.add("job", job.value()));
        json.add("pid", token.holder().pid())
                .add("started", token.holder().started())
                .add("accessor", token.accessor())
                .add("until", token.until().toString());
        token.kept()
                .ifPresent(kept -> json.add(
                        "kept",
                        new JsonObject()
                                .add("place", kept.place())
                                .add("releases", array(kept.releases()))
                                .add("leases", ends(kept.leases()))));
        AtomicFiles.write(file(token), json.toString().getBytes(UTF_8));
    }

    /** Of all jobs and of the executor itself; a damaged file is passed over, see {@link #damaged}. */
    public List<HeldToken> all() {
        return matching("*");
    }

    /** Whether nobody has dropped it since. */
    boolean has(HeldToken token) {
        return Files.exists(file(token));
    }

    /** Files from which nobody can tell whose token they were of. */
    public List<Path> damaged() {
        return files("*").stream()
                .filter(file -> read(file) instanceof Content.Damaged)
                .toList();
    }

    private List<HeldToken> matching(String names) {
        return files(names).stream()
                .flatMap(file ->
                        read(file) instanceof Content.Whole(HeldToken token) ? Stream.of(token) : Stream.empty())
                .toList();
    }

    private List<Path> files(String names) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, names + SUFFIX)) {
            files.forEach(found::add);
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (IOException | DirectoryIteratorException failed) {
            throw unusable("read which tokens of Vault are held", failed);
        }
        return found;
    }

    private sealed interface Content {
        record Whole(HeldToken token) implements Content {}

        /** Of a token that was dropped meanwhile. */
        record Gone() implements Content {}

        record Damaged() implements Content {}
    }

    /** Those that end with {@code job}. */
    public List<HeldToken> of(JobId job) {
        return matching(job + "-*").stream()
                .filter(token -> token.kept().isEmpty())
                .toList();
    }

    /** Those that releases of {@code place} live on which are not {@code retained} any more. */
    public List<HeldToken> outlived(String place, Collection<String> retained) {
        return all().stream()
                .filter(token -> token.kept()
                        .filter(kept -> kept.place().equals(place)
                                && kept.releases().stream().noneMatch(retained::contains))
                        .isPresent())
                .toList();
    }

    /** What {@code release} of {@code place} lives on, {@code another} does from now on too. */
    public void share(String place, String release, String another) {
        change(
                token -> token.kept()
                        .filter(kept ->
                                kept.place().equals(place) && kept.releases().contains(release))
                        .isPresent(),
                token -> token.keptFor(token.kept().orElseThrow().with(another)));
    }

    /** It lives until then; one that was dropped meanwhile stays so. */
    void prolong(HeldToken token, Instant until) {
        change(other -> other.accessor().equals(token.accessor()), other -> other.until(until));
    }

    private void change(Predicate<HeldToken> which, UnaryOperator<HeldToken> change) {
        locked("remember a token of Vault", () -> {
            for (HeldToken token : all()) {
                if (which.test(token)) {
                    write(change.apply(token));
                }
            }
        });
    }

    /** Removes what killed writers left half-written before {@code time}. */
    public void removeAbandoned(Instant time) throws IOException {
        AtomicFiles.removeAbandoned(directory, time);
    }

    private Content read(Path file) {
        try {
            JsonObject json = Json.parse(Files.readString(file)).asObject();
            return new Content.Whole(new HeldToken(
                    Optional.ofNullable(json.get("job")).map(job -> new JobId(job.asLong())),
                    new ProcessId(json.getLong("pid"), json.getLong("started")),
                    Objects.requireNonNull(json.getString("accessor")),
                    Instant.parse(json.getString("until")),
                    Optional.ofNullable(json.get("kept")).map(kept -> kept(kept.asObject()))));
        } catch (NoSuchFileException droppedMeanwhile) {
            return new Content.Gone();
        } catch (IOException failed) {
            throw unusable("read which tokens of Vault are held", failed);
        } catch (ParseException
                | NullPointerException
                | UnsupportedOperationException
                | IllegalArgumentException
                | DateTimeException damaged) {
            return new Content.Damaged();
        }
    }

    private static HeldToken.Kept kept(JsonObject json) {
        return new HeldToken.Kept(
                Objects.requireNonNull(json.getString("place")),
                texts(json.get("releases")),
                ends(json.get("leases").asObject()));
    }

    private static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    private static JsonObject ends(SortedMap<String, Instant> leases) {
        JsonObject json = new JsonObject();
        leases.forEach((lease, until) -> json.add(lease, until.toString()));
        return json;
    }

    private static SortedMap<String, Instant> ends(JsonObject json) {
        SortedMap<String, Instant> leases = new TreeMap<>();
        for (JsonObject.Member lease : json) {
            leases.put(lease.getName(), Instant.parse(lease.getValue().asString()));
        }
        return leases;
    }

    private static List<String> texts(JsonValue array) {
        List<String> texts = new ArrayList<>();
        for (JsonValue text : array.asArray()) {
            texts.add(text.asString());
        }
        return texts;
    }

    private Path file(HeldToken token) {
        return directory.resolve("%s-%s%s"
                .formatted(
                        token.job().map(JobId::toString).orElse("own"),
                        Sha256.hex(token.accessor()).substring(0, 16),
                        SUFFIX));
    }

    private ExecutorException unusable(String tried, Exception failed) {
        return new ExecutorException(
                new Failure(
                        FailureCode.STATE_UNUSABLE,
                        tried,
                        directory.toString(),
                        failed.toString(),
                        "Make `state_dir` of executor.yaml a directory that this user may write to."),
                failed);
    }
}
