# Writes a release beside the others and lets Compose read it back. Changes nothing that runs. Ends in 3 when Compose
# cannot, in 5 when others could read or replace the files, in 6 when an image is not there any more.
root=$(next) project=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
for directory in "$state/releases" "$state/failed"; do
  [ -e "$directory" ] || [ -L "$directory" ] || mkdir -m 0700 "$directory"
done
# The preflight looked too, but that was before images were pulled and the lock was ours.
reasons=$(unsafe "$root")
[ -z "$reasons" ] || { printf '%s\n' "$reasons" >&2; exit 5; }
# What cannot be removed is in nobody's way.
drop_unfinished "$state" || :
mkdir -m 0700 "$files"
for file in compose.yaml compose.override.yaml .env; do
  write "$files/$file"
done
ship "$files"
write "$files/release.json"
on_disk "$files"
on_disk "$state/releases"
there=
pin "$files" "$release" || exit 6
seconds=20
compose "$files" config --format json || exit 3
