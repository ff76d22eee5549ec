# Makes a release the current one, removes what is left of jobs, and brings these and services up; notes before that how far it
# takes the database. Compose writes to a file, not to a connection that may be
# cut: what was begun is finished.
root=$(next) project=$(next) release=$(next)
files=$root/.gitops/releases/$release
[ -f "$files/release.json" ] || { echo "$files is gone" >&2; exit 4; }
mark=$(next)
if [ -n "$mark" ]; then
  write "$root/.gitops/schema.json"
  on_disk "$root/.gitops"
fi
# On a full disk it goes on without: it may be what is put back.
log=$files/up.log
touch "$log" 2>/dev/null || log=/dev/null
# Longer than anybody waits for it; an engine that hangs must not keep the lock for ever.
seconds=1800
rm -f "$root/current.new"
ln -s ".gitops/releases/$release" "$root/current.new"
mv -T "$root/current.new" "$root/current"
on_disk "$root"
# A recreation that was cut off leaves a container that Compose would give the name of the one that it replaces, and fails at
# that for ever.
unfinished=$root/.gitops/activating
if [ -e "$unfinished" ]; then
  docker ps -a --filter "label=com.docker.compose.project=$project" --filter status=created --format '{{.Names}}' |
    while read -r name; do
      case $name in
        [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]_*)
          docker container inspect "${name#*_}" >/dev/null 2>&1 && docker rm -f "$name" >&2
          ;;
      esac
    done || :
fi
touch "$unfinished" || :
set --
while job=$(next) && [ -n "$job" ]; do set -- "$@" "$job"; done
# A job's container is a new one each time: its log and its exit code are of this release alone.
[ $# = 0 ] || compose "$files" rm --stop --force "$@" </dev/null >&2
while service=$(next); do set -- "$@" "$service"; done
status=0
compose "$files" up -d --no-deps --no-build --pull never "$@" </dev/null >"$log" 2>&1 || status=$?
cat "$log" >&2 || :
rm -f "$files/up.log"
[ "$status" != 0 ] || rm -f "$unfinished"
exit "$status"
