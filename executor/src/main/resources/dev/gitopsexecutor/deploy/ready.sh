# Tells, of a release that every host is to have, whether it is there, whole, and which of its images are missing; and what may
# have changed since the state was read: the current release, the newest pipeline, how far the database's schema is.
root=$(next) release=$(next)
state=$root/.gitops

told() { [ ! -f "$2" ] || printf '%s %s\n' "$1" "$(base64 <"$2" | tr -d '\n')"; }

if [ -L "$root/current" ]; then
  current=$(readlink "$root/current")
  printf 'current %s\n' "${current##*/}"
fi
whole=yes
for file in compose.yaml compose.override.yaml .env; do
  [ -f "$state/releases/$release/$file" ] || whole=
done
[ -z "$whole" ] || told release "$state/releases/$release/release.json"
told high-water "$state/high-water.json"
told schema "$state/schema.json"
while image=$(next); do
  docker image inspect "$image" >/dev/null 2>&1 || printf 'missing %s\n' "$image"
done
