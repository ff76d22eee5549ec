# Looks at a host before anything is sent to it. Prints facts and problems, one per line; always ends in 0.
root=$(next)
set +e

problem() { printf 'problem %s\n' "$*"; }
fact() { printf 'fact %s %s\n' "$1" "$2"; }
first_line() { printf '%s\n' "$1" | head -n 1; }

for tool in awk base64 cat df dirname find flock grep head mktemp mv readlink sed sha256sum sort stat sync tail timeout; do
  command -v "$tool" >/dev/null || problem "\"$tool\" is not installed"
done

# Secrets pass through it: another program's arguments are for everybody to read.
case $(type printf) in
  *builtin*) ;;
  *) problem 'printf is not built into "sh"; let dash, bash or busybox be /bin/sh' ;;
esac

if ! command -v docker >/dev/null; then
  problem '"docker" is not installed'
else
  if engine=$(docker version --format '{{.Server.Version}}' 2>&1); then
    fact engine "$engine"
  else
    problem "the Docker engine does not answer to user $(id -un): $(first_line "$engine")"
  fi
  # At once: the engine takes its time to tell of itself. Each answer is one write of a whole line, so that none is torn.
  answers=$(
    docker info --format 'root {{.DockerRootDir}}' 2>/dev/null | head -n 1 &
    compose=$(docker compose version --short 2>&1) && printf 'compose %s\n' "$compose" || printf 'none %s\n' "$(first_line "$compose")"
    wait
  )
  if compose=$(printf '%s\n' "$answers" | sed -n 's/^compose //p') && [ -n "$compose" ]; then
    fact compose "$compose"
  else
    problem "Docker Compose v2 is not installed: $(printf '%s\n' "$answers" | sed -n 's/^none //p')"
  fi
  images=$(printf '%s\n' "$answers" | sed -n 's/^root //p')
  # It may lie on another machine, or where nobody but root can look.
  if free=$(df -Pk "$images" 2>/dev/null | tail -n 1 | awk '{print $4}') && [ -n "$free" ]; then
    fact docker_root "$images"
    fact docker_free_kib "$free"
  fi
fi

[ -n "$(memory_directory)" ] || problem 'no writable tmpfs (/run/user/… or /dev/shm) for the registry credential'

if [ ! -d "$root" ]; then
  problem "$root is not a directory; run as root: install -d -o $(id -un) -g $(id -gn) -m 0755 $root"
elif [ ! -w "$root" ]; then
  problem "$root is not writable for $(id -un); run as root: chown $(id -un) $root"
else
  fact free_kib "$(df -Pk "$root" | tail -n 1 | awk '{print $4}')"
fi

unsafe "$root" | while IFS= read -r line; do problem "$line"; done
if [ -e "$root/current" ] && [ ! -L "$root/current" ]; then
  problem "$root/current is not a symbolic link; move it away"
fi
exit 0
