# Looks at a host before anything is sent to it. Prints facts and problems, one per line; always ends in 0.
root=$(next)
set +e

problem() { printf 'problem %s\n' "$*"; }
fact() { printf 'fact %s %s\n' "$1" "$2"; }
first_line() { printf '%s\n' "$1" | head -n 1; }

for tool in base64 cat find flock head mktemp mv stat sync tail timeout; do
  command -v "$tool" >/dev/null || problem "\"$tool\" is not installed"
done

if ! command -v docker >/dev/null; then
  problem '"docker" is not installed'
else
  if engine=$(docker version --format '{{.Server.Version}}' 2>&1); then
    fact engine "$engine"
  else
    problem "the Docker engine does not answer to user $(id -un): $(first_line "$engine")"
  fi
  if compose=$(docker compose version --short 2>&1); then
    fact compose "$compose"
  else
    problem "Docker Compose v2 is not installed: $(first_line "$compose")"
  fi
fi

[ -n "$(memory_directory)" ] || problem 'no writable tmpfs (/run/user/… or /dev/shm) for the registry credential'

if [ ! -d "$root" ]; then
  problem "$root is not a directory; create it, owned by $(id -un), mode 0755"
elif [ ! -w "$root" ]; then
  problem "$root is not writable for $(id -un)"
else
  fact free_kib "$(df -Pk "$root" | tail -n 1 | awk '{print $4}')"
fi

# Whoever may write a parent may put other files in our place.
path=$root
while :; do
  [ -L "$path" ] && problem "$path is a symbolic link; write the real path into policy.yaml"
  if [ -e "$path" ]; then
    owner=$(stat -c %u "$path")
    [ "$owner" = 0 ] || [ "$owner" = "$(id -u)" ] || problem "$path belongs to user id $owner"
    [ -z "$(find "$path" -maxdepth 0 -perm /022)" ] || problem "$path is writable for its group or for all"
  fi
  [ "$path" = / ] && break
  path=$(dirname "$path")
done
for path in "$root/.gitops" "$root/.gitops/releases" "$root/.gitops/failed"; do
  if [ -L "$path" ]; then
    problem "$path is a symbolic link"
  elif [ -e "$path" ] && [ "$(stat -c '%u %a' "$path")" != "$(id -u) 700" ]; then
    problem "$path must belong to $(id -un) with mode 0700"
  fi
done
if [ -e "$root/current" ] && [ ! -L "$root/current" ]; then
  problem "$root/current is not a symbolic link; move it away"
fi
exit 0
