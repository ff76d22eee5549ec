package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.LockOwner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code state.sh} tells of a host before a deploy, for its plan.
 *
 * @param compose the text of the current release's file
 * @param variables of the current release's env file, by name, the SHA-256 of {@link #nonce} and the variable's line. No
 *     value leaves the host, nothing is kept that one could try values against later, and it works from any machine.
 * @param nonce random, for this one survey
 * @param holder of the lock, who may be gone when this is read
 */
record HostSurvey(
        HostState state,
        Optional<String> compose,
        SortedMap<String, String> variables,
        String nonce,
        Optional<LockOwner> holder) {

    /** {@code nonce} is what the script was given. */
    static HostSurvey parse(String output, String nonce) {
        SortedMap<String, String> variables = new TreeMap<>();
        Optional<String> compose = Optional.empty();
        Optional<LockOwner> holder = Optional.empty();
        for (String line : output.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length == 3 && words[0].equals("variable")) {
                variables.put(words[1], words[2]);
            } else if (words.length == 2 && words[0].equals("compose")) {
                compose = Base64Text.decode(words[1]);
            } else if (words.length == 2 && words[0].equals("holder")) {
                holder = Base64Text.decode(words[1]).flatMap(LockOwner::parse);
            }
        }
        return new HostSurvey(HostState.parse(output), compose, variables, nonce, holder);
    }

    /** What each host's survey tells of its state, in the same order. */
    static Map<HostName, HostState> states(Map<HostName, HostSurvey> surveys) {
        Map<HostName, HostState> states = new LinkedHashMap<>();
        surveys.forEach((host, survey) -> states.put(host, survey.state));
        return states;
    }

    /** Whether the current release's env file has that value. */
    boolean has(EnvKey key, SecretValue value) {
        String line = EnvFile.render(new TreeMap<>(Map.of(key, value))).reveal();
        return Sha256.hex(nonce + line).equals(variables.get(key.value()));
    }
}
