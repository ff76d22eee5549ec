package dev.gitopsexecutor.deploy;

import java.util.List;

/**
 * What {@code ready.sh} tells of a release that is to be brought back.
 *
 * @param host of its state only what may change meanwhile, and of its releases this one, when it is whole
 * @param missing images that the host's engine does not have
 */
record StoredState(HostState host, List<String> missing) {
    StoredState {
        missing = List.copyOf(missing);
    }

    static StoredState parse(String output) {
        return new StoredState(
                HostState.parse(output),
                output.lines()
                        .filter(line -> line.startsWith("missing "))
                        .map(line -> line.substring("missing ".length()))
                        .toList());
    }
}
