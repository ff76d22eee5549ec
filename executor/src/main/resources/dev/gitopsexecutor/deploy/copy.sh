# Copies a release under another id, with another env file and record, and lets Compose read it back. Changes nothing that
# runs. Ends in 3 when Compose cannot, in 5 when others could read or replace the files.
root=$(next) project=$(next) stored=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
reasons=$(unsafe "$root")
[ -z "$reasons" ] || { printf '%s\n' "$reasons" >&2; exit 5; }
drop_unfinished "$state" || :
mkdir -m 0700 "$files"
for file in "$state/releases/$stored"/*; do
  # Not release.json, which must be the last, nor what a killed start left; the pattern passes over .env.
  case ${file##*/} in release.json | up.log) ;; *) cp -Rp "$file" "$files/" ;; esac
done
write "$files/.env"
write "$files/release.json"
find "$files" \( -type d -o -type f \) -exec sync {} +
on_disk "$state/releases"
there=
# All that start are there; an image of a job, which does not run again, may be gone.
pin "$files" "$release" || :
seconds=20
compose "$files" config --format json || exit 3
