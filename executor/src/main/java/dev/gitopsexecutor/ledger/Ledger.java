package dev.gitopsexecutor.ledger;

import dev.gitopsexecutor.model.EnvironmentName;
import java.nio.file.Path;
import java.util.List;

/** What was deployed, by whom, verified or not; one SQLite file that several processes share. */
public final class Ledger implements AutoCloseable {

    /** Creates the file, mode 0600, when it is not there; throws {@code LEDGER_FAILED}. */
    public static Ledger open(Path file) {
        throw new UnsupportedOperationException("" + file);
    }

    /** Returns once the record is on disk; waits up to 5 s for other writers. */
    public void record(DeploymentRecord deployment) {
        throw new UnsupportedOperationException("" + deployment);
    }

    /** The newest first. */
    public List<DeploymentRecord> recent(EnvironmentName environment, int limit) {
        throw new UnsupportedOperationException("" + environment + limit);
    }

    @Override
    public void close() {}
}
