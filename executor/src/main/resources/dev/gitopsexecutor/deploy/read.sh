# Tells what is in a release's Compose file and env file, and in the files that travelled with it.
root=$(next) release=$(next)
for file in compose.yaml .env; do
  printf '%s ' "$file"
  base64 <"$root/.gitops/releases/$release/$file" | tr -d '\n'
  echo
done
files=$root/.gitops/releases/$release/files
[ -d "$files" ] || exit 0
find "$files" -type f -exec sh -c '
  base=$1
  shift
  for file; do
    mode=0644
    [ ! -x "$file" ] || mode=0755
    printf "shipped %s %s " "$(printf %s "${file#"$base/"}" | base64 | tr -d "\n")" "$mode"
    base64 <"$file" | tr -d "\n"
    echo
  done' sh "$files" {} +
