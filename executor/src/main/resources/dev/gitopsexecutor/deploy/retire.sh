# Moves a release that failed aside, without its secrets and with what was seen; keeps the last five such.
root=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
if [ -d "$files" ]; then
  rm -f "$files/.env" "$files/.env.new"
  write "$files/evidence.txt"
  rm -rf "$state/failed/$release"
  mv "$files" "$state/failed/$release"
  on_disk "$state/failed"
fi
set -- "$state/failed"/*
while [ $# -gt 5 ]; do
  rm -rf "$1"
  shift
done
