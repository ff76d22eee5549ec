# shellcheck shell=bash
# The container engine of this machine: the one that answers, or one of ours for as long as somebody uses it.

ENGINE_PID_FILE=$CACHE/engine.pid
ENGINE_LOG=$CACHE/engine.log
ENGINE_USERS=$CACHE/engine.users

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# engine_use [PID]: an engine answers from here on, until engine_release of the same process.
engine_use() {
  mkdir -p "$ENGINE_USERS"
  exec 8>"$CACHE/engine.lock"
  flock 8
  : >"$ENGINE_USERS/${1:-$$}"
  if ! engine_answers; then
    engine_start
  fi
  exec 8>&-
}

engine_start() {
  if [ -d /run/systemd/system ]; then
    slow_step "Starting the container engine" systemctl start docker
    return
  fi
  command -v dockerd >/dev/null || die "No container engine answers, and dockerd is not installed."
  # shellcheck disable=SC2024
  setsid dockerd >"$ENGINE_LOG" 2>&1 </dev/null 8>&- &
  echo $! >"$ENGINE_PID_FILE"
  slow_step "Starting dockerd" engine_wait
}

engine_wait() {
  local deadline=$((SECONDS + 60))
  until engine_answers; do
    if [ $SECONDS -ge $deadline ] || ! kill -0 "$(cat "$ENGINE_PID_FILE")"; then
      tail -n 20 "$ENGINE_LOG"
      rm -f "$ENGINE_PID_FILE"
      return 1
    fi
    sleep 0.2
  done
}

# engine_release [PID]: stops the engine when we started it and nobody else of ours uses it.
engine_release() {
  local user
  exec 8>"$CACHE/engine.lock"
  flock 8
  rm -f "$ENGINE_USERS/${1:-$$}"
  for user in "$ENGINE_USERS"/*; do
    [ -e "$user" ] || continue
    if [ -d "/proc/${user##*/}" ]; then
      exec 8>&-
      return
    fi
    rm -f "$user"
  done
  [ ! -f "$ENGINE_PID_FILE" ] || engine_stop
  exec 8>&-
}

engine_stop() {
  local pid
  pid=$(cat "$ENGINE_PID_FILE")
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
    kill "$pid"
    step "Stopping dockerd" timeout 60 tail --pid="$pid" -f /dev/null
  fi
  rm -f "$ENGINE_PID_FILE"
}
