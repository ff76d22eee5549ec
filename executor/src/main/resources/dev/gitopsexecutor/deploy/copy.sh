# Copies a release under another id, with another env file and record, and lets Compose read it back. Changes nothing that
# runs. Ends in 3 when Compose cannot, in 5 when others could read or replace the files, in 6 when
# an image is not there any more.
root=$(next) project=$(next) stored=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
reasons=$(unsafe "$root")
[ -z "$reasons" ] || { printf '%s\n' "$reasons" >&2; exit 5; }
drop_unfinished "$state" || :
mkdir -m 0700 "$files"
for file in "$state/releases/$stored"/*; do
  # Not release.json, which must be the last, nor .env, which the pattern passes over.
  [ "${file##*/}" = release.json ] || cp -Rp "$file" "$files/"
done
write "$files/.env"
write "$files/release.json"
find "$files" -exec sync {} +
on_disk "$state/releases"
there=
pin "$files" "$release" || exit 6
seconds=20
compose "$files" config --format json || exit 3
