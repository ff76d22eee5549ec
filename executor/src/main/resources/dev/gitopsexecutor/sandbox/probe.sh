# Prints what a script in this container sees and may do, in sections that start with "== NAME". POSIX sh; what the image
# lacks is left out. The argument is the home.
section() { printf '== %s\n' "$1"; }
lines() { while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$line"; done; }
file() { [ ! -r "$1" ] || { section "$2"; lines < "$1"; } 2>/dev/null; }
try() { section "$1"; shift; if ("$@") >/dev/null 2>&1; then echo done; else echo refused; fi; }
has() { command -v "$1" >/dev/null 2>&1; }

file /proc/self/status status
file /proc/self/mountinfo mounts
file /proc/self/uid_map uid-map
file /proc/self/limits limits
file /proc/net/dev network
file /proc/1/comm init
file /proc/self/attr/current apparmor
for cgroup in /sys/fs/cgroup /sys/fs/cgroup/pids; do file "$cgroup/pids.max" pids; done
for limit in memory.max memory/memory.limit_in_bytes; do file "/sys/fs/cgroup/$limit" memory; done
for limit in memory.swap.max memory/memory.memsw.limit_in_bytes; do file "/sys/fs/cgroup/$limit" swap; done
file /sys/fs/cgroup/cpu.max cpu
file /sys/fs/cgroup/cpu/cpu.cfs_quota_us cpu-quota
file /sys/fs/cgroup/cpu/cpu.cfs_period_us cpu-period

section devices
for device in /dev/*; do echo "${device#/dev/}"; done
section sockets
for socket in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock; do
  [ ! -e "$socket" ] || echo "$socket"
done
if has ls; then
  section namespaces
  for namespace in ipc mnt net pid uts; do ls -l "/proc/self/ns/$namespace" 2>/dev/null; done
fi

write() { : > "$1"; }
read_some() { [ -n "$(head -c 1 "$1" | od -An -tx1)" ]; }
run_in() {
  printf '#!/bin/sh\n' > "$1/gitops-probe" && chmod 700 "$1/gitops-probe" && "$1/gitops-probe"
}
try write-root write /gitops-probe
try write-etc write /etc/gitops-probe
try kernel-switch sh -c 'read -r value < /proc/sys/kernel/core_pattern && echo "$value" > /proc/sys/kernel/core_pattern'
if has head && has od; then
  try kernel-memory read_some /proc/kcore
fi
section firmware
for entry in /sys/firmware/*; do [ ! -e "$entry" ] || echo "$entry"; done
if has chmod; then
  for directory in /tmp /run "$1"; do try "run-in $directory" run_in "$directory"; done
fi
try signal-keeper kill -0 1
if has unshare; then try user-namespace unshare -Ur true; fi

# Calls by number, of this machine's processor: name, number, arguments. Each ends at once where it is allowed.
if has perl; then
  section calls
  case $(uname -m) in
    x86_64) calls='ptrace:101:16:-1 process_vm_readv:310:-1 mount:165 unshare:272:268435456 setns:308:-1 bpf:321:-1
      keyctl:250:-1 add_key:248 userfaultfd:323:-1 io_uring_setup:425 perf_event_open:298 open_by_handle_at:304:-1
      kexec_load:246:0:-1 init_module:175 swapon:167 reboot:169 fsopen:430 pidfd_getfd:438:-1 socket(AF_ALG):41:38:5
      socket(AF_VSOCK):41:40:1 socket(AF_CAN):41:29:3 socketpair(AF_VSOCK):53:40:1' ;;
    aarch64) calls='ptrace:117:16:-1 process_vm_readv:270:-1 mount:40 unshare:97:268435456 setns:268:-1 bpf:280:-1
      keyctl:219:-1 add_key:217 userfaultfd:282:-1 io_uring_setup:425 perf_event_open:241 open_by_handle_at:265:-1
      kexec_load:104:0:-1 init_module:105 swapon:224 reboot:142 fsopen:430 pidfd_getfd:438:-1 socket(AF_ALG):198:38:5
      socket(AF_VSOCK):198:40:1 socket(AF_CAN):198:29:3 socketpair(AF_VSOCK):199:40:1' ;;
    *) calls= ;;
  esac
  # shellcheck disable=SC2016,SC2086
  perl -e 'for (@ARGV) {
    my ($name, $number, @arguments) = split /:/;
    $! = 0;
    my $result = syscall($number + 0, map { $_ + 0 } @arguments, (0) x (6 - @arguments));
    print "$name ", ($result >= 0 ? "allowed" : 0 + $!), "\n";
  }' $calls 2>/dev/null
fi
rm -f /gitops-probe /etc/gitops-probe /tmp/gitops-probe /run/gitops-probe "$1/gitops-probe" 2>/dev/null
exit 0
