# Shared by the scripts of a deploy.

# compose RELEASE_DIRECTORY ARGUMENTS: Compose with everything said, nothing taken from the caller's environment; ended
# after $seconds when they are set: reading a hostile file may take for ever, and outlive the connection. The services of
# the release are in a profile of that name: those that the team has under profiles: are there, and no others of these.
compose() {
  files=$1
  shift
  # Earlier versions wrote releases without files/.
  base=$files
  [ ! -d "$files/files" ] || base=$files/files
  # Nothing is fetched from elsewhere: a release is what its commit has.
  env -i PATH="$PATH" HOME="$HOME" ${DOCKER_HOST:+"DOCKER_HOST=$DOCKER_HOST"} \
    COMPOSE_EXPERIMENTAL_GIT_REMOTE=false COMPOSE_EXPERIMENTAL_OCI_REMOTE=false \
    ${seconds:+timeout -k 5 "$seconds"} docker compose --ansi never -p "$project" --project-directory "$base" \
    --profile gitops-executor -f "$files/compose.yaml" -f "$files/compose.override.yaml" --env-file /dev/null "$@"
}

# write FILE: the next value, under a name that nobody sees before all of it is on disk, in a file of ours that has mode
# 0600 from its first moment on. Says what failed and leaves nothing half.
write() {
  # What an earlier one left that was killed.
  rm -f "$1".??????????
  # Not the shell's own >: it opens with 0666, and where a directory has a default ACL no umask takes that back; nor would
  # it create exclusively what is there as a pipe or a device.
  new=$(mktemp "$1.XXXXXXXXXX") || return 1
  if next >"$new" && is_ours "$new" && on_disk "$new" && mv -fT "$new" "$1"; then
    return 0
  fi
  rm -f "$new"
  return 1
}

# ship RELEASE_DIRECTORY: writes the files that travel with the release; of the input, path, mode and content of each up to
# an empty path. They are no secrets, and containers of any user have to read them; the directories above keep others out.
ship() {
  mkdir "$1/files"
  while path=$(next) && [ -n "$path" ]; do
    mode=$(next)
    case /$path/ in */../* | */./*) return 1 ;; esac
    case $path in */*) mkdir -p "$1/files/${path%/*}" ;; esac
    next >"$1/files/$path"
    chmod "$mode" "$1/files/$path"
  done
  find "$1/files" -type d -exec chmod u=rwx,go=rx {} +
  find "$1/files" \( -type d -o -type f \) -exec sync {} +
}

# shipped RELEASE_DIRECTORY: SHA-256 over the sorted lines of its directories and files; a file's line has its own SHA-256
# and, where it is executable, an x. No hash where something is there that ship would not write.
shipped() (
  cd "$1/files"
  odd=$(find . ! -type d ! -type f -o -name '*[!A-Za-z0-9._@+-]*' -o -type f ! -perm 0644 ! -perm 0755 \
    -o -type d ! -perm -0755 -o -type d -perm /022)
  if [ -n "$odd" ]; then
    echo changed
    return
  fi
  sum=$({
    find . -type d
    find . -type f -perm 0644 -exec sha256sum {} + | sed 's/ [ *]/ /'
    find . -type f -perm 0755 -exec sha256sum {} + | sed 's/ [ *]/ /; s/^/x /'
  } | sort | sha256sum)
  echo "${sum%% *}"
)

# hashes RELEASE_DIRECTORY: tells SHA-256 of those of its files that are there, and of all that travelled with it.
hashes() {
  for file in compose.yaml compose.override.yaml .env; do
    if [ -f "$1/$file" ]; then
      sum=$(sha256sum "$1/$file")
      printf 'file %s %s\n' "$file" "${sum%% *}"
    fi
  done
  [ ! -d "$1/files" ] || printf 'file files %s\n' "$(shipped "$1")"
}

# is_ours FILE: no file system made it another user's or readable for others.
is_ours() {
  seen=$(stat -c '%u %a' "$1") || return 1
  if [ "$seen" != "$(id -u) 600" ]; then
    echo "$1 has owner and mode $seen instead of $(id -u) 600; its file system does not keep them" >&2
    return 1
  fi
}

# on_disk PATH: a file's bytes, or a directory's names.
on_disk() {
  sync "$1"
}

# drop_unfinished STATE: what an install or the removal of a release left that was cut off. It has no record: that is the
# last file to be written.
drop_unfinished() {
  status=0
  for left in "$1/releases"/*; do
    [ -e "$left/release.json" ] || rm -rf "$left" || status=1
  done
  return "$status"
}

# containers: one line for each container of the project, one for each image they run, one for the host's own time.
containers() {
  ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" \
    --filter label=com.docker.compose.oneoff=False)
  [ -n "$ids" ] || return 0
  # Splitting is meant: ids are hexadecimal. A container may be gone by now; the others are still told.
  docker inspect --format 'container {"id":{{json .Id}},"name":{{json .Name}},"service":{{json (index .Config.Labels "com.docker.compose.service")}},"image":{{json .Image}},"restarts":{{.RestartCount}},"ports":{{json .NetworkSettings.Ports}},"state":{{json .State}}}' $ids 2>/dev/null || :
  printf 'now %s\n' "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)"
  images=$(docker inspect --format '{{.Image}}' $ids 2>/dev/null | sort -u)
  [ -z "$images" ] || docker image inspect --format 'image {"id":{{json .Id}},"digests":{{json .RepoDigests}}}' $images 2>/dev/null || :
}

