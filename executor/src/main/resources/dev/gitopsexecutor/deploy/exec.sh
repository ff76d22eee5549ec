# Runs a command in a running container of a service, for a limited time. The last line of what it tells is how that ended.
project=$(next) service=$(next) limit=$(next)
container=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" \
  --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False \
  --filter status=running | head -n 1)
if [ -z "$container" ]; then
  echo none
  exit 0
fi
set --
while word=$(next); do
  set -- "$@" "$word"
done
set +e
output=$({
  timeout -k 5 "$limit" docker exec "$container" "$@" </dev/null 2>&1
  printf '\n%s' $?
} | tail -c 20000 | base64 | tr -d '\n')
printf 'output %s\n' "$output"
