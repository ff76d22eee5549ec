#!/bin/sh
# Shared by all scripts: fail on the first error, create nothing that others may read.
set -eu
umask 077
# What programs say is looked for in English.
LC_ALL=C
export LC_ALL

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


# unsafe ROOT: one line, with the way to mend it, for each reason why somebody else could read or replace what is below
# ROOT/.gitops: whoever may write a parent may put other files in our place.
unsafe() {
  place=$1
  while :; do
    if [ -L "$place" ]; then
      echo "$place is a symbolic link; write the real path into policy.yaml: $(readlink -f "$place")"
    elif [ -e "$place" ]; then
      unsafe_directory "$1" "$(stat -c %u "$place")" "$(stat -c %a "$place")"
    fi
    if [ "$place" = / ]; then
      break
    fi
    place=$(dirname "$place")
  done
  for place in "$1/.gitops" "$1/.gitops/releases" "$1/.gitops/failed"; do
    if [ -L "$place" ]; then
      echo "$place is a symbolic link; see who made it, then: rm $place"
    elif [ -e "$place" ] && [ ! -d "$place" ]; then
      echo "$place is no directory; see who made it, then: rm $place"
    elif [ -e "$place" ]; then
      unsafe_state "$(stat -c %u "$place")" "$(stat -c %a "$place")"
    fi
  done
}

# unsafe_directory ROOT OWNER MODE: looks at $place, which is ROOT or a parent of it.
unsafe_directory() {
  if [ "$2" != 0 ] && [ "$2" != "$(id -u)" ]; then
    right=root
    [ "$place" != "$1" ] || right=$(id -un)
    echo "$place belongs to user id $2, only root and $(id -un) may own it; run as root: chown $right $place"
  fi
  if [ -n "$(find "$place" -maxdepth 0 -perm -1000 -perm /022)" ]; then
    echo "$place has mode $3: everybody may put files there, sticky or not; name a directory elsewhere in policy.yaml"
  elif [ -n "$(find "$place" -maxdepth 0 -perm /022)" ]; then
    echo "$place has mode $3: its group or all may write to it; run as its owner: chmod go-w $place"
  fi
}

# unsafe_state OWNER MODE: looks at $place, which is ours alone.
unsafe_state() {
  if [ "$1" != "$(id -u)" ]; then
    echo "$place belongs to user id $1; run as root: chown -R $(id -un) $place"
  fi
  case $2 in
    *00) ;;
    *) echo "$place has mode $2, it must be 0700; run: chmod 0700 $place" ;;
  esac
}
