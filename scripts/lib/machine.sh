# shellcheck shell=bash
# Everything that the demo and the tests need from this machine.

for part in say packages jdk engine images second_engine bao; do
  # shellcheck source=/dev/null
  source "$(dirname "${BASH_SOURCE[0]}")/$part.sh"
done

# machine_ready: packages, JDK, engine, images and Vault server are there. Called from the top of the checkout.
machine_ready() {
  [ "$(id -u)" = 0 ] || die "This needs root: it runs containers that are whole hosts, with their own engine."
  mkdir -p "$CACHE"
  packages_ready
  jdk_ready
  engine_use
  on_exit engine_release
  images_ready
  bao_ready
}
