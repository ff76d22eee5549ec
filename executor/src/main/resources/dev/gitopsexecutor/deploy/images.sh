# Shared by the scripts that keep or drop images of releases. An image that was pulled by digest has no tag, and `docker
# image prune` takes it away unless a container uses it: so each image of a release has a tag of ours, its pin.
pins=gitops-executor/release

# release_images FILES: the images of a release, each once.
release_images() {
  [ ! -f "$1/compose.override.yaml" ] || sed -n 's/^ *image: "\(.*\)"$/\1/p' "$1/compose.override.yaml" | sort -u
}

# by_digest IMAGE: as the engine lists it, without the tag, which says nothing beside a digest.
by_digest() {
  familiar "$1" | sed 's/:[^:/@]*@/@/'
}

familiar() {
  printf '%s\n' "$1" | sed 's,^docker\.io/,,; s,^library/,,'
}

all_pins() {
  docker image ls --format '{{.Repository}}:{{.Tag}}' "$pins"
}

# pin FILES RELEASE: gives the images of a release the pins that are not among $there yet.
pin() {
  number=0
  lacking=0
  # Splitting is meant: the names of images have no blanks.
  for image in $(release_images "$1"); do
    number=$((number + 1))
    printf '%s\n' "$there" | grep -qxF "$pins:$2.$number" || docker tag "$(by_digest "$image")" "$pins:$2.$number" || lacking=1
  done
  return "$lacking"
}

# unpin STATE RELEASE IMAGES: takes the pins of a release away that is not among those of STATE any more, as far as they are
# in $there, and then each of its images that nobody needs.
unpin() {
  own=$(printf '%s\n' "$there" | grep -F "$pins:$2.") || own=
  kept=0
  # Splitting is meant, here and below: ids and the names of images have no blanks.
  [ -z "$own" ] || docker rmi $own >/dev/null || kept=1
  containers=$(docker ps -aq --no-trunc) || return 1
  # A container may be gone by now; the others are still told.
  used=$([ -z "$containers" ] || docker inspect --format '{{.Image}}' $containers 2>/dev/null || :)
  for image in $3; do
    drop "$1" "$image" || kept=1
  done
  return "$kept"
}

# drop STATE IMAGE: removes the names that a release gave to an image when it pulled it; the image goes with the last of its
# names. Leaves everything as it is when another release, a container or anybody else's tag needs it.
drop() {
  name=$(by_digest "$2")
  tag=$(familiar "${2%@*}")
  found=$(docker image inspect --format '{{.Id}}{{range .RepoTags}} {{.}}{{end}}' "$name" 2>/dev/null) || return 0
  case $used in *"${found%% *}"*) return 0 ;; esac
  names=$name
  for known in $found; do
    case $known in
      "${found%% *}") ;;
      "$tag") names="$tag $name" ;;
      # A pin of another release too.
      *) return 0 ;;
    esac
  done
  # A release from before there were pins.
  ! grep -qsF "${2##*@}" "$1"/releases/*/compose.override.yaml || return 0
  # With the last tag of a repository the engine takes its digest away, and then says that it does not know it.
  failed=$(docker rmi $names 2>&1 >/dev/null) || ! printf '%s\n' "$failed" | grep -v 'No such image' >&2
}

