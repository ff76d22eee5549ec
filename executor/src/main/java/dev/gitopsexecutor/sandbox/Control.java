package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import dev.gitopsexecutor.model.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Each thing that locks a job's containers down, and how one sees from inside that it holds.
 *
 * @see <a href="https://www.cisecurity.org/benchmark/docker">CIS Docker Benchmark, section 5</a>
 * @see <a href="https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html">OWASP's list</a>
 */
public enum Control {
    PRIVILEGED("not privileged") {
        @Override
        Outcome look(Observation at) {
            // CAP_SYS_ADMIN is the 21st.
            boolean admin =
                    capabilities(at, "CapBnd").map(set -> (set >> 21 & 1) == 1).orElse(true);
            return seen(!admin, admin ? "may become administrator of the machine" : "no administration of the machine");
        }
    },
    CAPABILITIES("no capability, in an exec neither") {
        @Override
        Outcome look(Observation at) {
            List<String> sets = Stream.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
                    .filter(set -> !capabilities(at, set).equals(Optional.of(0L)))
                    .map(set -> set + " " + at.status(set))
                    .toList();
            return seen(sets.isEmpty(), sets.isEmpty() ? "none" : String.join(", ", sets));
        }
    },
    NO_NEW_PRIVILEGES("no new privileges") {
        @Override
        Outcome look(Observation at) {
            return seen(at.status("NoNewPrivs").equals("1"), "NoNewPrivs " + at.status("NoNewPrivs"));
        }
    },
    USER("not root") {
        @Override
        Outcome look(Observation at) {
            Set<String> ids = new TreeSet<>(List.of((at.status("Uid") + "\t" + at.status("Gid")).split("\\s+")));
            return seen(!ids.contains("0") && !ids.contains("unknown"), "user and group " + String.join(", ", ids));
        }
    },
    USER_NAMESPACE("root is nobody on the machine") {
        @Override
        Outcome look(Observation at) {
            boolean mapped = !at.line("uid-map").matches("0\\s+0\\s+4294967295|unknown");
            return mapped
                    ? seen(true, "mapped: " + at.line("uid-map").replaceAll("\\s+", " "))
                    : open("the engine maps no users: set userns-remap, or run it rootless");
        }
    },
    SECCOMP("system calls filtered by our list") {
        @Override
        Outcome look(Observation at) {
            if (!at.status("Seccomp").equals("2")) {
                return seen(false, "no filter");
            }
            List<String> calls = at.lines("calls");
            List<String> reached = calls.stream()
                    .map(call -> call.split(" ", -1))
                    .filter(call -> call[0].startsWith("socket(") ? call[1].equals("allowed") : !call[1].equals(EPERM))
                    .map(call -> call[0])
                    .toList();
            if (!reached.isEmpty()) {
                return seen(false, "these reach the kernel: " + String.join(", ", reached));
            }
            return calls.isEmpty()
                    ? seen(at.refused("user-namespace"), "a filter; the image has no perl to try calls with")
                    : seen(true, "a filter; %d calls that must be refused are".formatted(calls.size()));
        }
    },
    APPARMOR("AppArmor") {
        @Override
        Outcome look(Observation at) {
            if (!at.features().hasAppArmor()) {
                return open("this machine has none");
            }
            String profile = at.line("apparmor");
            return seen(profile.equals(at.settings().appArmorProfile() + " (enforce)"), profile);
        }
    },
    READ_ONLY_ROOT("read-only root") {
        @Override
        Outcome look(Observation at) {
            boolean mounted =
                    at.mount("/").filter(root -> root.options().contains("ro")).isPresent();
            boolean refused = at.refused("write-root") && at.refused("write-etc");
            return seen(
                    mounted && refused, mounted ? "mounted ro" : refused ? "mounted rw" : "/ or /etc can be written");
        }
    },
    TEMPORARY("what can be written besides runs nothing") {
        @Override
        Outcome look(Observation at) {
            List<String> lax = Stream.of("/tmp", "/run", Confinement.HOME)
                    .filter(path -> !has(at, path, "noexec", "nosuid", "nodev")
                            || at.line("run-in " + path).equals("done"))
                    .toList();
            return seen(
                    lax.isEmpty(),
                    lax.isEmpty() ? "/tmp, /run, home: noexec, nosuid, nodev" : "not so: " + String.join(", ", lax));
        }
    },
    WORKSPACE("a workspace of the job's own") {
        @Override
        Outcome look(Observation at) {
            String path = at.settings().buildsDir();
            boolean own = has(at, path, "nosuid", "nodev")
                    && at.mount(path).orElseThrow().type().equals("tmpfs");
            return seen(own, own ? "in memory, nosuid, nodev" : "none in memory at " + path);
        }
    },
    HOST_MOUNTS("nothing of the machine inside") {
        @Override
        Outcome look(Observation at) {
            Set<String> found = new TreeSet<>(at.lines("sockets"));
            at.mounts().stream()
                    .filter(mount -> !VIRTUAL.contains(mount.type()) && !isEnginesOwn(mount.path(), at.role()))
                    .forEach(mount -> found.add(mount.path()));
            return seen(found.isEmpty(), found.isEmpty() ? "no mount, no socket" : String.join(", ", found));
        }
    },
    KERNEL_PATHS("the kernel's files masked") {
        @Override
        Outcome look(Observation at) {
            List<String> open = new ArrayList<>();
            if (!at.refused("kernel-switch")) {
                open.add("/proc/sys can be written");
            }
            if (at.line("kernel-memory").equals("done")) {
                open.add("/proc/kcore can be read");
            }
            if (!at.lines("firmware").isEmpty()) {
                open.add("/sys/firmware can be read");
            }
            return seen(open.isEmpty(), open.isEmpty() ? "masked" : String.join(", ", open));
        }
    },
    PROCESSES("number of processes limited") {
        @Override
        Outcome look(Observation at) {
            return limited(at.line("pids"), at.settings().limits().pids());
        }
    },
    MEMORY("memory limited, no swap") {
        @Override
        Outcome look(Observation at) {
            Outcome memory = limited(at.line("memory"), at.settings().limits().memoryBytes());
            // Version 1 counts memory and swap together, version 2 swap alone.
            boolean noSwap = at.line("swap").equals("0") || at.line("swap").equals(at.line("memory"));
            if (memory.verdict() == Verdict.HELD && !at.has("swap")) {
                return open(memory.saw() + "; the kernel counts no swap, look whether the machine has any");
            }
            return memory.verdict() == Verdict.HELD && !noSwap ? seen(false, memory.saw() + ", and swap") : memory;
        }
    },
    CPU("processor time limited") {
        @Override
        Outcome look(Observation at) {
            String quota = at.has("cpu") ? at.line("cpu") : at.line("cpu-quota") + " " + at.line("cpu-period");
            String[] parts = quota.split(" ", -1);
            if (parts.length != 2 || !parts[0].matches("[0-9]+") || !parts[1].matches("[1-9][0-9]*")) {
                return seen(false, "no limit");
            }
            double cpus = Double.parseDouble(parts[0]) / Double.parseDouble(parts[1]);
            return seen(
                    cpus <= at.settings().limits().cpus() + 0.005, String.format(Locale.ROOT, "%.2f processors", cpus));
        }
    },
    PROCESS_LIMITS("files and core dumps limited") {
        @Override
        Outcome look(Observation at) {
            long file = at.settings().limits().workspaceBytes();
            boolean held = at.limit("Max core file size").equals("0 0")
                    && at.limit("Max open files").equals("1024 1024")
                    && at.limit("Max file size").equals("%d %1$d".formatted(file));
            return seen(
                    held,
                    "core %s, open files %s, file %s"
                            .formatted(
                                    at.limit("Max core file size"),
                                    at.limit("Max open files"),
                                    at.limit("Max file size")));
        }
    },
    NAMESPACES("processes, network, names apart from the machine's") {
        @Override
        Outcome look(Observation at) {
            List<String> shared = at.lines("namespaces").stream()
                    .map(line -> line.replaceFirst(".* ", ""))
                    .filter(at.machineNamespaces()::contains)
                    .toList();
            if (at.lines("namespaces").isEmpty()) {
                return open("the image has no ls to look with");
            }
            return seen(shared.isEmpty(), shared.isEmpty() ? "own ones" : "shared: " + String.join(", ", shared));
        }
    },
    DEVICES("no device of the machine") {
        @Override
        Outcome look(Observation at) {
            Set<String> more = new TreeSet<>(at.lines("devices"));
            more.removeAll(HARMLESS_DEVICES);
            return seen(more.isEmpty(), more.isEmpty() ? "the harmless ones" : String.join(", ", more));
        }
    },
    DEADLINE("a first process that ends it in time") {
        @Override
        Outcome look(Observation at) {
            boolean init =
                    at.line("init").equals("docker-init") || at.line("init").equals("tini");
            boolean safe = at.refused("signal-keeper");
            return seen(
                    init && safe,
                    "process 1 is %s, and the script may %ssignal it".formatted(at.line("init"), safe ? "not " : ""));
        }
    },
    RESTART("no restart") {
        @Override
        Outcome look(Observation at) {
            RestartPolicy policy = at.host().getRestartPolicy();
            String name = policy == null || policy.getName().isEmpty() ? "no" : policy.getName();
            return seen(name.equals("no"), name);
        }
    },
    LOG("no log that fills the disk") {
        @Override
        Outcome look(Observation at) {
            LogConfig log = at.host().getLogConfig();
            String type = log == null || log.getType() == null
                    ? "unknown"
                    : log.getType().getType();
            boolean bounded =
                    type.equals("none") || (log != null && log.getConfig().containsKey("max-size"));
            return seen(bounded, type + (bounded ? "" : ", without a limit"));
        }
    },
    DISK("disk limited") {
        @Override
        Outcome look(Observation at) {
            boolean bounded = READ_ONLY_ROOT.look(at).verdict() == Verdict.HELD
                    && WORKSPACE.look(at).verdict() == Verdict.HELD;
            return seen(bounded, bounded ? "writes no disk; memory counts" : "as much as there is");
        }
    },
    NETWORK("no network for scripts") {
        @Override
        Outcome look(Observation at) {
            List<String> interfaces = at.lines("network").stream()
                    .filter(line -> line.contains(":"))
                    .map(line -> line.substring(0, line.indexOf(':')))
                    .filter(name -> !name.equals("lo"))
                    .toList();
            String saw = interfaces.isEmpty() ? "loopback alone" : String.join(", ", interfaces);
            return switch (at.role()) {
                case JOB -> seen(interfaces.isEmpty(), saw);
                case HELPER ->
                    "bridge".equals(at.host().getNetworkMode())
                            ? open("Docker's own bridge reaches everything: docker.helper_network")
                            : seen(
                                    interfaces.size() == 1,
                                    "%s on %s".formatted(saw, at.host().getNetworkMode()));
            };
        }
    },
    LABELS("labels that GitLab's answer gave") {
        @Override
        Outcome look(Observation at) {
            boolean ours = SandboxNames.owner(at.labels()).isPresent();
            return seen(ours, ours ? "job and deadline" : "none of ours");
        }
    };

    private static final String EPERM = "1";
    private static final Set<String> VIRTUAL =
            Set.of("overlay", "proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "shm", "fuse");
    private static final Set<String> HARMLESS_DEVICES = Set.of(
            "core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
            "urandom", "zero");

    private final String title;

    Control(String title) {
        this.title = title;
    }

    /** In a few words, what must hold. */
    public String title() {
        return title;
    }

    abstract Outcome look(Observation at);

    /** How a control came out. */
    public enum Verdict {
        HELD,
        /** It is not this program's to give: the machine lacks something. */
        OPEN,
        FAILED
    }

    /** {@code saw} is a short text for a table. */
    public record Seen(Control control, Verdict verdict, String saw) {}

    Seen inspect(Observation at) {
        Outcome outcome = look(at);
        return new Seen(this, outcome.verdict, outcome.saw);
    }

    record Outcome(Verdict verdict, String saw) {}

    private static Outcome seen(boolean held, String saw) {
        return new Outcome(held ? Verdict.HELD : Verdict.FAILED, saw);
    }

    private static Outcome open(String saw) {
        return new Outcome(Verdict.OPEN, saw);
    }

    private static Outcome limited(String value, long limit) {
        boolean held = value.matches("[0-9]{1,18}") && Long.parseLong(value) <= limit;
        return seen(held, held ? value : "no limit, or a larger one: " + value);
    }

    private static Optional<Long> capabilities(Observation at, String set) {
        String value = at.status(set);
        return value.matches("[0-9a-f]{16}") ? Optional.of(Long.parseUnsignedLong(value, 16)) : Optional.empty();
    }

    private static boolean has(Observation at, String path, String... options) {
        return at.mount(path)
                .filter(mount -> mount.options().containsAll(List.of(options)))
                .isPresent();
    }

    /** Written for each container by the engine itself; the helper may have the machine's gitlab-runner. */
    private static boolean isEnginesOwn(String path, Role role) {
        return Set.of("/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/sbin/docker-init", "/usr/sbin/docker-init")
                        .contains(path)
                || (role == Role.HELPER && path.equals(Confinement.GITLAB_RUNNER));
    }
}
