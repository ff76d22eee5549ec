# Tells, of a release that every host is to have, whether it is there, whole, what its files are, and which of its images are
# missing.
root=$(next) release=$(next)
files=$root/.gitops/releases/$release
whole=yes
for file in compose.yaml compose.override.yaml .env release.json; do
  if [ -f "$files/$file" ]; then
    sum=$(sha256sum "$files/$file")
    [ "$file" = release.json ] || printf 'file %s %s\n' "$file" "${sum%% *}"
  else
    whole=
  fi
done
[ ! -d "$files/files" ] || printf 'file files %s\n' "$(shipped "$files")"
[ -z "$whole" ] || echo whole
while image=$(next); do
  docker image inspect "$image" >/dev/null 2>&1 || printf 'missing %s\n' "$image"
done
