# Pulls images with a credential that lives in memory, for as long as this takes and somebody is there to hear of it.
login=$(next) full=$(next)
newline='
'

# parent: of this shell, as it is now.
parent() {
  read -r _ _ _ id _ <"/proc/$$/stat" && echo "$id"
}

# pull IMAGE: what `docker pull` says, and as its last line how that ended; for each layer, a line on 3 of how many are done
# and how many there are, as far as is known by then.
pull() {
  {
    docker pull "$1" 2>&1 3>&- && ended=ok || ended=failed
    printf '\n%s\n' "$ended"
  } | {
    layers=0 complete=0
    while IFS= read -r said; do
      printf '%s\n' "$said"
      case $said in
        *': Pulling fs layer') layers=$((layers + 1)) ;;
        *': Already exists') layers=$((layers + 1)) complete=$((complete + 1)) ;;
        *': Pull complete') complete=$((complete + 1)) ;;
        'Status: Image is up to date for '*)
          printf 'unchanged %s\n' "$1" >&3
          continue
          ;;
        *) continue ;;
      esac
      printf 'layers %s %s\n' "$complete" "$layers" >&3
    done
  }
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
  printf 'pulling %s\n' "$image"
  # 3 for as long as this takes: whoever had it longer would keep the connection from its end.
  { output=$(pull "$image"); } 3>&1
  case $output in
    *"${newline}ok") printf 'pulled %s %s\n' "$image" "$(printf '%s\n' "$output" | sed -n 's/^Digest: //p')" ;;
    *) printf 'failed %s %s\n' "$image" "$(printf %s "${output%"$newline"*}" | base64 | tr -d '\n')" ;;
  esac
done
