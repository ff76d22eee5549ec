# Pulls images with a credential that lives in memory, for as long as this takes and somebody is there to hear of it.
login=$(next) full=$(next)

# parent: of this shell, as it is now.
parent() {
  read -r _ _ _ id _ <"/proc/$$/stat" && echo "$id"
}
if [ -n "$login" ]; then
  tmpfs=$(memory_directory)
  # Of a pull that was killed so hard that it could not clean up.
  find "$tmpfs" -maxdepth 1 -type d -name 'gitops-executor.*' -user "$(id -u)" -mmin +60 -exec rm -rf {} +
  DOCKER_HOST=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
  DOCKER_CONFIG=$(mktemp -d "$tmpfs/gitops-executor.XXXXXXXX")
  export DOCKER_HOST DOCKER_CONFIG
  watch=
  trap 'rm -rf "$DOCKER_CONFIG"; [ -z "$watch" ] || kill "$watch" 2>/dev/null || :' EXIT
  trap 'exit 129' HUP INT TERM PIPE
  # Without a terminal nobody tells us that the connection is gone, and a registry may keep us waiting for ever.
  if [ "$(parent)" = "$PPID" ]; then
    (
      while sleep 1 && [ "$(parent)" = "$PPID" ]; do :; done
      rm -rf "$DOCKER_CONFIG"
      kill -TERM "-$$"
    ) </dev/null >/dev/null 2>&1 &
    watch=$!
  fi
  printf %s "$login" >"$DOCKER_CONFIG/config.json"
fi

while image=$(next); do
  case $image in
    *@sha256:*)
      if docker image inspect "$image" >/dev/null 2>&1; then
        printf 'present %s\n' "$image"
        continue
      fi
      ;;
  esac
  if [ -n "$full" ]; then
    printf 'full %s %s\n' "$image" "$full"
    break
  fi
  if output=$(docker pull "$image" 2>&1); then
    printf 'pulled %s %s\n' "$image" "$(printf '%s\n' "$output" | sed -n 's/^Digest: //p')"
  else
    printf 'failed %s %s\n' "$image" "$(printf %s "$output" | base64 | tr -d '\n')"
  fi
done
