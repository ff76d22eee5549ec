# shellcheck shell=bash
# The testbed's images: built once from the distribution's packages, kept as archives in the cache, imported when missing.

IMAGE_RECIPES=$(cd "$(dirname "${BASH_SOURCE[0]}")/image" && pwd)
HOST_IMAGE=gitops-executor/host:1
JOB_IMAGE=gitops-executor/job:1
HELPER_IMAGE=gitops-executor/helper:1
APP_IMAGE=gitops-executor/app:1
IMAGE_LABEL=dev.gitopsexecutor.inputs

HOST_SUITE=trixie
HOST_PACKAGES=openssh-server,git,curl,jq,ca-certificates,procps,iptables,docker.io,docker-cli,docker-compose,docker-registry,apache2-utils
JOB_SUITE=bookworm
JOB_PACKAGES=git,curl,jq,ca-certificates,haproxy

# images_ready: all images are in the engine. One builder at a time per machine.
images_ready() {
  mkdir -p "$CACHE/images"
  exec 9>"$CACHE/images.lock"
  if ! flock -n 9; then
    slow_step "Waiting for another run that builds the images" flock 9
  fi
  tree_image "$JOB_IMAGE" "$JOB_SUITE" "$JOB_PACKAGES" 'CMD ["bash"]'
  helper_image
  app_image
  tree_image "$HOST_IMAGE" "$HOST_SUITE" "$HOST_PACKAGES" 'CMD ["/usr/local/sbin/host-entry"]' \
    "$IMAGE_RECIPES/host-setup.sh" "$IMAGE_RECIPES/host-entry.sh"
  exec 9>&-
}

inputs_key() { sha256sum | cut -c1-16; }

# image_current IMAGE KEY: the engine has the image, built from these inputs.
image_current() {
  [ "$(docker image inspect --format "{{index .Config.Labels \"$IMAGE_LABEL\"}}" "$1" 2>/dev/null)" = "$2" ]
}

# tree_image IMAGE SUITE PACKAGES CMD [SETUP ENTRY]: a whole Debian tree as an image of one layer.
tree_image() {
  local image=$1 suite=$2 packages=$3 cmd=$4 key archive
  shift 4
  key=$({ declare -f build_tree; echo "$suite $packages $cmd"; cat /dev/null "$@"; } | inputs_key)
  if image_current "$image" "$key"; then
    return
  fi
  archive=$CACHE/images/$(basename "${image%:*}")-$key.tar
  if [ ! -f "$archive" ]; then
    slow_step "Building $image from Debian $suite (a minute or two, once)" build_tree "$archive" "$suite" "$packages" "$@"
  fi
  slow_step "Importing $image" docker import --change "LABEL $IMAGE_LABEL=$key" --change "$cmd" "$archive" "$image"
}

# build_tree ARCHIVE SUITE PACKAGES [SETUP ENTRY]
build_tree() (
  set -eu
  archive=$1 suite=$2 packages=$3 setup=${4:-} entry=${5:-}
  rm -f "${archive%-*}"-*.tar
  tree=$(mktemp -d "$CACHE/images/tree.XXXXXX")
  trap 'rm -rf "$tree" "$archive.part"' EXIT
  debootstrap --variant=minbase --include="$packages" "$suite" "$tree" "$(debian_mirror)"
  if [ -n "$setup" ]; then
    install -m 0755 "$entry" "$tree/usr/local/sbin/host-entry"
    install -m 0755 "$setup" "$tree/root/setup.sh"
    chroot "$tree" /root/setup.sh
    rm "$tree/root/setup.sh"
  fi
  tar -C "$tree" --one-file-system -cf "$archive.part" \
    --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/log/*.log' \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' .
  mv "$archive.part" "$archive"
)

# debian_mirror: the one this machine's apt is configured with, else Debian's own.
debian_mirror() {
  local mirror
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n 's/^Debian|main|Debian|//p' | head -n 1)
  echo "${mirror:-http://deb.debian.org/debian}"
}

# helper_image: the job image with a gitlab-runner on PATH.
helper_image() {
  local key
  key=$({ docker image inspect --format '{{.Id}}' "$JOB_IMAGE"; cat "$IMAGE_RECIPES/gitlab-runner"; } | inputs_key)
  image_current "$HELPER_IMAGE" "$key" || step "Building $HELPER_IMAGE" build_helper "$key"
}

build_helper() (
  set -eu
  container=$(docker create "$JOB_IMAGE")
  trap 'docker rm -f "$container" >/dev/null' EXIT
  tar -C "$IMAGE_RECIPES" --mode=0755 --owner=root --group=root -c gitlab-runner | docker cp - "$container:/usr/local/bin"
  docker commit --change "LABEL $IMAGE_LABEL=$1" "$container" "$HELPER_IMAGE"
)

# app_image: busybox alone; each version of the application is one file on top of it.
app_image() {
  local busybox key
  busybox=$(command -v busybox) || die "busybox-static is not installed."
  key=$({ declare -f build_app; cat "$busybox"; } | inputs_key)
  image_current "$APP_IMAGE" "$key" || step "Building $APP_IMAGE" build_app "$key" "$busybox"
}

build_app() (
  set -eu
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  mkdir -p "$tree/bin" "$tree/www" "$tree/tmp"
  install -m 0755 "$2" "$tree/bin/busybox"
  for applet in sh httpd cat sleep env false; do
    ln -s busybox "$tree/bin/$applet"
  done
  tar -C "$tree" --owner=root --group=root -c . | docker import - "$APP_IMAGE"
  # httpd as process 1 does not hear SIGTERM, and every stop would take ten seconds.
  printf '%s\n' "FROM $APP_IMAGE" 'STOPSIGNAL SIGKILL' "LABEL $IMAGE_LABEL=$1" \
    'CMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]' | docker build -q -t "$APP_IMAGE" -
)
