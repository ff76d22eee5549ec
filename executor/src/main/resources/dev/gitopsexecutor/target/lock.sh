# Holds the lock of a directory and runs, as its children, the scripts that arrive on stdin. Every answer on both
# streams ends in a line that starts with the nonce. The kernel frees the lock once this shell and its last child end.
nonce=$(next) root=$(next) token=$(next) wait=$(next) ttl=$(next)
state=$root/.gitops

answer() {
  printf '\n%s %s %s\n' "$nonce" "$1" "$2" >&2
  printf '\n%s %s %s\n' "$nonce" "$1" "$2"
}

# is_ours: the file that we hold locked is still the one that others lock.
is_ours() { [ "$state/lock" -ef /dev/fd/9 ]; }

# fence: sets $seen to how often the lock was taken so far.
fence() {
  seen=0
  [ ! -r "$state/fence" ] || read -r seen <"$state/fence" || :
  # Whatever else somebody wrote there would not be a number to the shell, or one of another base.
  case $seen in '' | 0?* | *[!0-9]* | ??????????????????*) seen=0 ;; esac
}

set +e
[ -d "$state" ] || mkdir -m 0700 "$state"
exec 9>>"$state/lock"
waited=0
until flock -n 9 && is_ours; do
  if ! is_ours; then
    # Deleted and made anew, perhaps while we waited.
    exec 9>&- 9>>"$state/lock"
    flock -n 9 && is_ours && break
  fi
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

# On a full disk it stays what it was, which keeps out nobody who may be here.
fence
number=$((seen + 1))
echo "$number" >"$state/fence.new" && mv -f "$state/fence.new" "$state/fence" || number=$seen
next >"$state/owner.json.new" && mv -f "$state/owner.json.new" "$state/owner.json"
printf '%s %s\n' "$$" "$token" >"$state/holder"
rm -f "$state/busy"
: >"$state/beat"

# Without a sign of life for one ttl the other end is gone, even if the network never said so.
(
  exec 9>&- </dev/null >/dev/null 2>&1
  while sleep "$ttl" && kill -0 "$$"; do
    [ -e "$state/busy" ] || rm "$state/beat" || kill -ALRM "$$"
  done
) &
watchdog=$!
trap 'kill "$watchdog" 2>/dev/null; ! is_ours || rm -f "$state/owner.json" "$state/holder" "$state/beat"' EXIT
# sh does not do what is due at EXIT when a signal ends it.
trap 'exit 143' HUP INT TERM PIPE
# As timeout(1) ends.
trap 'exit 124' ALRM
answer locked 0

while read -r id script input; do
  fence
  if ! is_ours; then
    echo "$state/lock is not the file any more that this deploy locked: somebody deleted it" >&2
    lost=1
  elif [ "$seen" -gt "$number" ]; then
    echo "$state/fence is $seen, this deploy has number $number: another one came since" >&2
    lost=1
  fi
  if [ -n "${lost-}" ]; then
    [ "$id" = beat ] || answer "$id" 300
    exit 1
  fi
  : >"$state/beat"
  [ "$id" = beat ] && continue
  : >"$state/busy"
  printf %s "$input" | base64 -d | sh -c "$(printf %s "$script" | base64 -d)" gitops
  status=$?
  : >"$state/beat"
  rm -f "$state/busy"
  answer "$id" "$status"
done
