#!/bin/sh
# Shared by all scripts: fail on the first error, create nothing that others may read.
set -eu
umask 077

# The next value of the input: one line of base64.
next() {
  IFS= read -r line || return 1
  printf %s "$line" | base64 -d
}

# memory_directory: where a file never reaches a disk; prints nothing when there is no such place.
memory_directory() {
  for place in "${XDG_RUNTIME_DIR:-}" "/run/user/$(id -u)" /dev/shm; do
    if [ -n "$place" ] && [ -w "$place" ] && [ "$(stat -f -c %T "$place" 2>/dev/null)" = tmpfs ]; then
      echo "$place"
      return
    fi
  done
}

