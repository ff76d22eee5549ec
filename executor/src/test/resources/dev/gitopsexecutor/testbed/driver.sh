#!/usr/bin/env bash
# A driver that runs every script on this machine: what the runner harness is tested against.
set -u
state=$(dirname "$0")
echo "$1 cwd=$PWD tmpdir=$TMPDIR pgid=$(ps -o pgid= -p $$ | tr -d ' ') pid=$$" >>"$state/calls"
case "$1" in
config)
  printf '{"driver":{"name":"probe","version":"1"},"builds_dir":"%s/builds","job_env":{"FROM_CONFIG":"yes"}}' "$state"
  ;;
prepare)
  echo "preparing $FROM_CONFIG $CUSTOM_ENV_CI_JOB_ID $(stat -c %a "$JOB_RESPONSE_FILE")"
  if [ -e "$state/prepare-exit" ]; then
    exit "$(cat "$state/prepare-exit")"
  fi
  ;;
run)
  bash <"$3" &
  script=$!
  trap 'kill $script; wait $script; exit 2' TERM
  wait $script
  code=$?
  if [ "$code" -ne 0 ]; then
    [ -z "${BUILD_EXIT_CODE_FILE:-}" ] || echo "$code" >"$BUILD_EXIT_CODE_FILE"
    exit "$BUILD_FAILURE_EXIT_CODE"
  fi
  ;;
cleanup) echo "cleaned" ;;
esac
