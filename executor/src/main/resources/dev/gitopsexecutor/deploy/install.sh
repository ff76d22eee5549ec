# Writes a release beside the others and lets Compose read it back. Changes nothing that runs.
root=$(next) project=$(next) release=$(next)
state=$root/.gitops
files=$state/releases/$release
mkdir -p "$state/releases" "$state/failed"
mkdir "$files"
for file in compose.yaml compose.override.yaml .env release.json; do
  write "$files/$file"
done
on_disk "$files"
on_disk "$state/releases"
seconds=20
compose "$files" config --format json || exit 3
