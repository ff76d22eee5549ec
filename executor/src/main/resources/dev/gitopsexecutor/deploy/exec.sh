# Runs a command in a running container of a service, for a limited time. The last line of what it tells is how that ended.
project=$(next) service=$(next) limit=$(next)
container=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" \
  --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False \
  --filter status=running | head -n 1)
if [ -z "$container" ]; then
  echo none
  exit 0
fi
# whole_lines: the end of the input; half a secret is not found by anybody.
whole_lines() { { echo; cat; } | tail -c 20000 | sed 1d; }
set --
while word=$(next); do
  set -- "$@" "$word"
done
set +e
begin=$(date +%s)
output=$({
  timeout -k 5 "$limit" docker exec "$container" "$@" </dev/null 2>&1
  code=$?
  # timeout(1) ends so, and so may the command itself.
  case $code in 124 | 137) [ $(($(date +%s) - begin)) -lt "$limit" ] || code=late ;; esac
  printf '\n%s' "$code"
} | whole_lines | base64 | tr -d '\n')
printf 'output %s\n' "$output"
