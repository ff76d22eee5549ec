# Lets Compose read the files of a release that is not on the host yet. Ends in 3 when Compose refuses them.
project=$(next)
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
trap 'exit 129' HUP INT TERM PIPE
write "$files/compose.yaml"
write "$files/compose.override.yaml"
: >"$files/.env"
# The override would make a service of a name that the file itself does not have.
names=$(docker compose -p "$project" --project-directory "$files" -f "$files/compose.yaml" --env-file /dev/null \
  config --no-consistency --no-interpolate --services) || exit 3
for name in $names; do printf 'service %s\n' "$name"; done
printf 'directory %s\n' "$files"
compose "$files" config --format json || exit 3
