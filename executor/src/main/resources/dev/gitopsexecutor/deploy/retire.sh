# Moves a release that failed aside, without its secrets and with what was seen; keeps the last five such. Ends in 6 when
# that is done and only its images stay.
root=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
images=$(release_images "$files")
if [ -d "$files" ]; then
  # Compose's own words, which may quote a value, are in the evidence, masked.
  rm -f "$files/.env" "$files/.env".* "$files/up.log"
  # On a full disk the files go aside without it.
  status=0
  write "$files/evidence.txt" || status=1
  rm -rf "$state/failed/$release"
  mv "$files" "$state/failed/$release"
  on_disk "$state/failed"
  on_disk "$state/releases"
fi
set -- "$state/failed"/*
while [ $# -gt 5 ]; do
  # What cannot be removed is in nobody's way.
  rm -rf "$1" || :
  shift
done
[ "${status:-0}" = 0 ] || exit "$status"
there=$(all_pins) || exit 6
unpin "$state" "$release" "$images" || exit 6
