# What an attacker tries from inside a job's container. Prints "ESCAPED: WHAT" for everything that works.
escaped() { echo "ESCAPED: $*"; }
[ "$1" != entrypoint ] || { escaped "the image's entrypoint runs" > /host/ran; sleep 300; }
[ ! -e /host/ran ] || escaped "the image's entrypoint ran"

# The engine, the machine's files and kernel.
for socket in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /host/var/run/docker.sock; do
  [ ! -S "$socket" ] || escaped "$socket"
done
[ -z "$(head -c 4 /proc/kcore | od -An -tx1)" ] || escaped "kernel memory"
[ -z "$(head -c 4 /dev/mem | od -An -tx1)" ] || escaped "physical memory"
mknod /builds/disk b 254 0 && escaped "a device of its own"
mknod /tmp/mem c 1 1 && escaped "a device of its own"
(echo b > /proc/sysrq-trigger) && escaped "sysrq"
(echo '|/tmp/x' > /proc/sys/kernel/core_pattern) && escaped "core_pattern"
(echo /tmp/x > /sys/kernel/uevent_helper) && escaped "uevent_helper"
for agent in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do
  (echo /tmp/x > "$agent") && escaped "release_agent"
done
(echo 1 > /sys/fs/cgroup/pids.max) && escaped "its own control group"
mount -t tmpfs none /tmp && escaped "mount"
mount -o remount,rw / && escaped "remount"
mount --bind / /builds && escaped "bind mount"
unshare -Urm true && escaped "a user namespace"
nsenter -t 1 -m true && escaped "another mount namespace"
chroot / true && escaped "chroot"
ls /proc/1/root/ && escaped "the root of process 1"
cat /proc/1/environ && escaped "the environment of process 1"
[ ! -e /proc/1/root/etc/shadow ] || escaped "files of the machine"

# More rights.
[ "$(/rootbash -p -c 'id -u')" != 0 ] || escaped "a setuid shell"
[ "$(/rootperl -e 'print $>')" != 0 ] || escaped "a setuid program"
cp /rootbash /builds/rootbash && chmod 6755 /builds/rootbash && [ "$(/builds/rootbash -p -c 'id -u')" = 0 ] &&
  escaped "a setuid program of its own"
cp /bin/true /tmp/true && chmod 700 /tmp/true && /tmp/true && escaped "a program in /tmp"
(: > /usr/bin/new) && escaped "a new program on PATH"
(: > /etc/passwd) && escaped "a new /etc/passwd"
setpriv --ambient-caps +all --inh-caps +all grep -q '^CapEff:.*[1-9a-f]' /proc/self/status && escaped "ambient capabilities"

# System calls: ptrace of process 1, raw sockets, keys, io_uring, bpf, userfaultfd, perf.
perl -MSocket -e '
  sub escaped { print "ESCAPED: @_\n" }
  escaped("raw socket") if socket(my $raw, AF_INET, SOCK_RAW, 1);
  escaped("packet socket") if socket(my $packet, 17, SOCK_RAW, 0x0300);
  escaped("vsock") if socket(my $vsock, 40, SOCK_STREAM, 0);
  escaped("kernel crypto") if socket(my $crypto, 38, 5, 0);
  my ($x86, %calls) = (`uname -m` =~ /x86_64/, (ptrace => [101, 16, 1], keyctl => [250, 0, -3, 1], bpf => [321, 5, 0, 0],
    userfaultfd => [323, 0], io_uring => [425, 8, 0], perf => [298, 0], add_key => [248], setns => [308, 0, 0]));
  for my $name (keys %calls) {
    my ($number, @arguments) = @{$calls{$name}};
    $! = 0;
    my $result = syscall($number, @arguments, (0) x (6 - @arguments));
    escaped("$name: $result $!") if $x86 && ($result >= 0 || $! != 1);
  }'

# Whoever else is there.
for process in /proc/[0-9]*; do
  id=${process#/proc/}
  read -r name < "$process/comm"
  case $name in
    docker-init | tini | sleep) kill -KILL "$id" && escaped "killed $name"; kill -STOP "$id" && escaped "stopped $name" ;;
  esac
done
reach() { timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" && escaped "reached $1:$2"; }
reach "$VAULT_HOST" "$VAULT_PORT"
reach 127.0.0.1 "$VAULT_PORT"
reach 169.254.169.254 80
gateways="172.17.0.1 172.18.0.1 10.0.0.1 host.docker.internal gateway.docker.internal"
for gateway in $gateways; do
  for port in 22 80 2375 2376; do reach "$gateway" "$port"; done
done
for neighbour in "gitops-$OTHER-helper" "gitops-$OTHER-job" 172.17.0.2 172.18.0.2; do reach "$neighbour" 22; done
(echo x > /dev/udp/8.8.8.8/53) && escaped "a datagram"
getent hosts example.com && escaped "names"

# Harm: memory, disk, processes, the log. Each must end, and leave the rest of the job alive.
head -c 2000m /dev/zero > /builds/full
head -c 1000m /dev/zero > /tmp/full
head -c 1000m /dev/zero > /dev/shm/full
rm -f /builds/full /tmp/full /dev/shm/full
timeout 60 sh -c 'bomb() { bomb | bomb & }; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do bomb; done; sleep 1'
for signal in STOP KILL; do
  for process in /proc/[0-9]*; do
    [ "${process#/proc/}" -le $$ ] || [ "${process#/proc/}" = "$BASHPID" ] || kill -$signal "${process#/proc/}"
  done
done
yes 'a line that nobody needs, again and again, until the log is a hundred megabytes long and more' | head -c 100m
echo
echo "tried everything"
exit 0
