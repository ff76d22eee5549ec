# Lets Compose read the files of a release that is not on the host yet. Ends in 3 when Compose refuses them.
project=$(next) seconds=10

refused() {
  # timeout(1): 124 after TERM, 137 after KILL.
  case $1 in 124 | 137) echo "Compose did not come to the end of the file in $seconds s" >&2 ;; esac
  exit 3
}

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
trap 'exit 129' HUP INT TERM PIPE
write "$files/compose.yaml"
write "$files/compose.override.yaml"
: >"$files/.env"
# The override would make a service of a name that the file itself does not have.
names=$(timeout -k 5 "$seconds" docker compose -p "$project" --project-directory "$files" -f "$files/compose.yaml" --env-file /dev/null \
  config --no-consistency --no-interpolate --services) || refused $?
for name in $names; do printf 'service %s\n' "$name"; done
printf 'directory %s\n' "$files"
compose "$files" config --format json || refused $?
