# Tells what is on a host: releases, also failed ones, the current one's files, the newest pipeline seen, how far the
# database's schema is, the project's containers, images; with a nonce also what a plan is made of.
root=$(next) project=$(next) nonce=$(next)
state=$root/.gitops

encoded() { base64 <"$1" | tr -d '\n'; }

# for_plan FILES: no value leaves the host, and what is told of it serves for this one time.
# Lines of another form than ours are not told: they may be anything.
for_plan() {
  printf 'compose %s\n' "$(encoded "$1/compose.yaml")"
  while IFS= read -r text; do
    key=${text%%=*}
    case $text in *'="'*'"') ;; *) continue ;; esac
    case $key in '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;; esac
    sum=$(printf '%s%s\n' "$nonce" "$text" | sha256sum)
    printf 'variable %s %s\n' "$key" "${sum%% *}"
  done <"$1/.env"
}

# Without a try to take the lock: that would be in the way of whoever wants it.
if [ -n "$nonce" ] && [ -r "$state/owner.json" ] && read -r pid _ <"$state/holder" && kill -0 "$pid"; then
  printf 'holder %s\n' "$(encoded "$state/owner.json")"
fi 2>/dev/null

if [ -L "$root/current" ]; then
  current=$(readlink "$root/current")
  printf 'current %s\n' "${current##*/}"
  hashes "$root/current"
  if [ -n "$nonce" ] && [ -f "$root/current/compose.yaml" ] && [ -f "$root/current/.env" ]; then
    for_plan "$root/current"
  fi
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
docker image ls --digests --no-trunc --format 'have {{.Repository}} {{.Tag}} {{.Digest}}'
