# Holds the lock of a directory and runs, as its children, the scripts that arrive on stdin. Every answer on both
# streams ends in a line that starts with the nonce. The kernel frees the lock once this shell and its last child end.
nonce=$(next) root=$(next) token=$(next) wait=$(next) ttl=$(next)
state=$root/.gitops

answer() {
  printf '\n%s %s %s\n' "$nonce" "$1" "$2" >&2
  printf '\n%s %s %s\n' "$nonce" "$1" "$2"
}

set +e
[ -d "$state" ] || mkdir -m 0700 "$state"
exec 9>>"$state/lock"
waited=0
until flock -n 9; do
  # An earlier holder of this very deploy, whose connection was lost, must not keep us out.
  [ -r "$state/holder" ] && read -r pid holder <"$state/holder" && [ "$holder" = "$token" ] && kill "$pid" 2>/dev/null
  if [ "$waited" -ge "$wait" ]; then
    cat "$state/owner.json" 2>/dev/null
    answer timeout 1
    exit 1
  fi
  cat "$state/owner.json" 2>/dev/null
  answer held 0
  sleep 1
  waited=$((waited + 1))
done

next >"$state/owner.json.new" && mv -f "$state/owner.json.new" "$state/owner.json"
printf '%s %s\n' "$$" "$token" >"$state/holder"
rm -f "$state/busy"
: >"$state/beat"

# Without a sign of life for one ttl the other end is gone, even if the network never said so.
(
  exec 9>&- </dev/null >/dev/null 2>&1
  while sleep "$ttl" && kill -0 "$$"; do
    [ -e "$state/busy" ] || rm "$state/beat" || kill "$$"
  done
) &
watchdog=$!
trap 'kill "$watchdog" 2>/dev/null; rm -f "$state/owner.json" "$state/holder" "$state/beat"' EXIT
# sh does not do what is due at EXIT when a signal ends it.
trap 'exit 143' HUP INT TERM PIPE
answer locked 0

while read -r id script input; do
  : >"$state/beat"
  [ "$id" = beat ] && continue
  : >"$state/busy"
  printf %s "$input" | base64 -d | sh -c "$(printf %s "$script" | base64 -d)" gitops
  status=$?
  : >"$state/beat"
  rm -f "$state/busy"
  answer "$id" "$status"
done
