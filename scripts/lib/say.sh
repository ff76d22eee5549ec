# shellcheck shell=bash
# Progress, failures and what must happen at the end. Sourced by every script here.

# shellcheck disable=SC2034
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/gitops-executor

say() { printf '%s\n' "$*"; }

# die LINE...: says why on stderr and ends the script.
die() {
  printf '%s\n' "$@" >&2
  exit 1
}

ON_EXIT=()

# on_exit COMMAND: runs at the end whatever the reason, the last one first.
on_exit() {
  [ ${#ON_EXIT[@]} -gt 0 ] || trap run_on_exit EXIT
  ON_EXIT+=("$1")
}

run_on_exit() {
  local status=$? i
  trap '' INT TERM
  for ((i = ${#ON_EXIT[@]} - 1; i >= 0; i--)); do
    eval "${ON_EXIT[i]}" || true
  done
  exit "$status"
}

# step TEXT COMMAND...: runs COMMAND in a subshell with its output in a log that is shown only when it fails.
step() {
  local text=$1 log started=$SECONDS status=0 spinner=
  shift
  log=$(mktemp)
  if [ -t 1 ]; then
    spin "$text" &
    spinner=$!
  elif [ -n "${STEP_SLOW:-}" ]; then
    say "  $text …"
  fi
  # Not `|| status=$?`: that would switch off `set -e` inside the command.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ -n "$spinner" ]; then
    kill "$spinner" 2>/dev/null || true
    wait "$spinner" 2>/dev/null || true
    printf '\r\033[K'
  fi
  if [ "$status" -ne 0 ]; then
    say "  $text: failed after $((SECONDS - started)) s; the end of its output:" >&2
    tail -n 30 "$log" | sed 's/^/    /' >&2
  else
    say "  $text: $((SECONDS - started)) s"
  fi
  rm -f "$log"
  return "$status"
}

# spin TEXT: counts seconds on one line of the terminal, as long as the script lives.
spin() {
  local started=$SECONDS
  while kill -0 $$ 2>/dev/null; do
    printf '\r  %s … %ss ' "$1" $((SECONDS - started))
    sleep 0.2
  done
}

# slow_step: a step that announces itself even without a terminal, because it takes longer than a second.
slow_step() { STEP_SLOW=1 step "$@"; }
