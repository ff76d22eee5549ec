# Moves a release that failed aside, without its secrets and with what was seen; keeps the last five such.
root=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
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
  rm -rf "$1"
  shift
done
exit "${status:-0}"
