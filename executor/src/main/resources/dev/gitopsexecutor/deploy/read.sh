# Tells what is in a release's Compose file and env file.
root=$(next) release=$(next)
for file in compose.yaml .env; do
  printf '%s ' "$file"
  base64 <"$root/.gitops/releases/$release/$file" | tr -d '\n'
  echo
done
