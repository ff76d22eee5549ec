# Tells, of a release that every host is to have, whether it is there, whole, what its files are, and which of its images are
# missing.
root=$(next) release=$(next)
files=$root/.gitops/releases/$release
whole=yes
for file in compose.yaml compose.override.yaml .env release.json; do
  [ -f "$files/$file" ] || whole=
done
hashes "$files"
[ -z "$whole" ] || echo whole
while image=$(next); do
  docker image inspect "$image" >/dev/null 2>&1 || printf 'missing %s\n' "$image"
done
