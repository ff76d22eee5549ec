# Tells what is on a host: releases, the current one's files, the newest pipeline seen, the project's containers.
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
[ ! -f "$state/high-water.json" ] || printf 'high-water %s\n' "$(encoded "$state/high-water.json")"
containers
