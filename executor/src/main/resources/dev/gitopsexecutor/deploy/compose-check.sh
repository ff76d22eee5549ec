# Lets Compose read the files of a release that is not on the host yet. Ends in 3 when Compose refuses them.
project=$(next) seconds=10

refused() {
  # timeout(1): 124 after TERM, 137 after KILL.
  case $1 in 124 | 137) echo "Compose did not come to the end of the file in $seconds s" >&2 ;; esac
  exit 3
}

# As Compose will spell it.
root=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$root"' EXIT
trap 'exit 129' HUP INT TERM PIPE
# So deep that a path which leads out of the release is still below the root.
files=$root/0/0/0/0/0/0/0/0
mkdir -p "$files"
write "$files/compose.yaml"
write "$files/compose.override.yaml"
ship "$files"
: >"$files/.env"
# The override would make a service of a name that the file itself does not have.
names=$(COMPOSE_EXPERIMENTAL_GIT_REMOTE=false COMPOSE_EXPERIMENTAL_OCI_REMOTE=false \
  timeout -k 5 "$seconds" docker compose -p "$project" --profile '*' --project-directory "$files/files" \
  -f "$files/compose.yaml" --env-file /dev/null config --no-consistency --no-interpolate --services) || refused $?
for name in $names; do printf 'service %s\n' "$name"; done
printf 'directory %s\ndirectory %s\n' "$root" "$files/files"
compose "$files" config --format json || refused $?
