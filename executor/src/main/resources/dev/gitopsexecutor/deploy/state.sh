# Tells what is on a host: releases, also failed ones, the current one's files, the newest pipeline seen, how far the
# database's schema is, the project's containers.
root=$(next) project=$(next)
state=$root/.gitops

encoded() { base64 <"$1" | tr -d '\n'; }

if [ -L "$root/current" ]; then
  current=$(readlink "$root/current")
  printf 'current %s\n' "${current##*/}"
  for file in compose.yaml compose.override.yaml .env; do
    if [ -f "$root/current/$file" ]; then
      sum=$(sha256sum "$root/current/$file")
      printf 'file %s %s\n' "$file" "${sum%% *}"
    fi
  done
fi
for record in "$state"/releases/*/release.json; do
  [ ! -f "$record" ] || printf 'release %s\n' "$(encoded "$record")"
done
for record in "$state"/failed/*/release.json; do
  if [ -f "$record" ]; then
    failed=${record%/*}
    evidence=
    [ ! -f "$failed/evidence.txt" ] || evidence=$(head -c 4000 "$failed/evidence.txt" | base64 | tr -d '\n')
    printf 'failed %s %s %s\n' "$(encoded "$record")" "$(stat -c %Y "$failed")" "$evidence"
  fi
done
[ ! -f "$state/schema.json" ] || printf 'schema %s\n' "$(encoded "$state/schema.json")"
[ ! -f "$state/high-water.json" ] || printf 'high-water %s\n' "$(encoded "$state/high-water.json")"
containers
