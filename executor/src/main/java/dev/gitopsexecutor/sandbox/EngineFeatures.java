package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an engine can hold a container to. What it cannot, it leaves out with a warning at most, so it is asked first.
 *
 * @param securityOptions such as {@code name=seccomp,profile=default}
 * @see <a href="https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemInfo">the engine's
 *     description of itself</a>
 */
record EngineFeatures(List<String> securityOptions, Map<String, String> flags) {
    private static final String TRIED = "ask the engine what it can enforce";

    private static final Pattern REMAPPED_ROOT = Pattern.compile(".*/([0-9]{1,10})\\.[0-9]{1,10}");

    /** Control groups that the engine has to have, and what they limit. */
    private static final Map<String, String> LIMITS =
            Map.of("MemoryLimit", "memory", "CpuCfsQuota", "processor time", "PidsLimit", "the number of processes");

    static EngineFeatures read(EngineCalls engine, Path socket) {
        String answer = engine.get(TRIED, "/info");
        try {
            return new EngineFeatures(EngineJson.texts(answer, "SecurityOptions"), EngineJson.members(answer));
        } catch (IOException damaged) {
            throw EngineFailures.unreachable(TRIED, socket, damaged);
        }
    }

    boolean hasAppArmor() {
        return has("apparmor");
    }

    /** Whether root in a container is somebody else on the machine. */
    boolean hasUserNamespace() {
        return has("userns") || has("rootless");
    }

    /**
     * The machine's id of a container's user or group, which a file system needs that the machine mounts. An engine that
     * maps users says with which offset only in the name of its directory.
     *
     * @see <a href="https://docs.docker.com/engine/security/userns-remap/">the engine's mapping</a>
     */
    long onMachine(long id) {
        Matcher root = REMAPPED_ROOT.matcher(flags.getOrDefault("DockerRootDir", ""));
        return has("userns") && root.matches() ? Long.parseLong(root.group(1)) + id : id;
    }

    private boolean has(String option) {
        return securityOptions.stream()
                .anyMatch(it -> it.equals("name=" + option) || it.startsWith("name=" + option + ","));
    }

    /** Throws {@code ENGINE_UNSUITABLE} when a control of ours, or one that was asked for, would not hold. */
    void require(SandboxSpec.Requirements wanted, Path socket) {
        List<String> lacking = new ArrayList<>();
        if (!has("seccomp")) {
            lacking.add("a filter of system calls (seccomp)");
        }
        LIMITS.forEach((flag, limited) -> {
            if (!"true".equals(flags.get(flag))) {
                lacking.add("a limit of " + limited);
            }
        });
        if (wanted.appArmor() && !hasAppArmor()) {
            lacking.add("AppArmor, which the policy requires");
        }
        if (wanted.userNamespace() && !hasUserNamespace()) {
            lacking.add("a user namespace (userns-remap or a rootless engine), which the policy requires");
        }
        if (!lacking.isEmpty()) {
            lacking.sort(null);
            throw new ExecutorException(
                    new Failure(
                            FailureCode.ENGINE_UNSUITABLE,
                            "start containers that are locked down",
                            "the container engine at " + socket,
                            "it has not " + String.join(", nor ", lacking),
                            "Set up kernel and engine for it (`docker info` shows what they have), or run jobs on another machine."));
        }
    }
}
