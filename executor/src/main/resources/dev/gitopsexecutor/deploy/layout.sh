# Shared by the scripts of a deploy.

# compose RELEASE_DIRECTORY ARGUMENTS: Compose with everything said, nothing taken from the caller's environment; ended
# after $seconds when they are set: reading a hostile file may take for ever, and outlive the connection.
compose() {
  files=$1
  shift
  env -i PATH="$PATH" HOME="$HOME" ${DOCKER_HOST:+"DOCKER_HOST=$DOCKER_HOST"} \
    ${seconds:+timeout -k 5 "$seconds"} docker compose --ansi never -p "$project" --project-directory "$files" \
    -f "$files/compose.yaml" -f "$files/compose.override.yaml" --env-file /dev/null "$@"
}

# write FILE: the next value, in a new file of mode 0600 that is on disk before it has its name.
write() {
  rm -f "$1.new"
  set -C
  next >"$1.new"
  set +C
  on_disk "$1.new"
  mv -f "$1.new" "$1"
}

# on_disk PATH: a file's bytes, or a directory's names.
on_disk() {
  sync "$1" 2>/dev/null || sync
}

# containers: one line for each container of the project, one for each image they run, one for the host's own time.
containers() {
  ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" \
    --filter label=com.docker.compose.oneoff=False)
  [ -n "$ids" ] || return 0
  # Splitting is meant: ids are hexadecimal. A container may be gone by now; the others are still told.
  docker inspect --format 'container {"id":{{json .Id}},"name":{{json .Name}},"service":{{json (index .Config.Labels "com.docker.compose.service")}},"image":{{json .Image}},"restarts":{{.RestartCount}},"state":{{json .State}}}' $ids 2>/dev/null || :
  printf 'now %s\n' "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)"
  images=$(docker inspect --format '{{.Image}}' $ids 2>/dev/null | sort -u)
  [ -z "$images" ] || docker image inspect --format 'image {"id":{{json .Id}},"digests":{{json .RepoDigests}}}' $images 2>/dev/null || :
}

