# Makes a release the current one and brings its services up; notes before that how far it takes the database. Compose writes to a file, not to a connection that may be
# cut: what was begun is finished.
root=$(next) project=$(next) release=$(next)
files=$root/.gitops/releases/$release
[ -f "$files/release.json" ] || { echo "$files is gone" >&2; exit 4; }
mark=$(next)
if [ -n "$mark" ]; then
  write "$root/.gitops/schema.json"
  on_disk "$root/.gitops"
fi
rm -f "$root/current.new"
ln -s ".gitops/releases/$release" "$root/current.new"
mv -T "$root/current.new" "$root/current"
on_disk "$root"
set --
while service=$(next); do set -- "$@" "$service"; done
status=0
compose "$files" up -d --no-deps --no-build --pull never "$@" </dev/null >"$files/up.log" 2>&1 || status=$?
cat "$files/up.log" >&2 || :
rm -f "$files/up.log"
exit "$status"
