# shellcheck shell=bash
# The distribution's packages that a bare machine lacks.

# missing_packages: what the commands here need, less what is there. Names as Debian and Ubuntu have them.
missing_packages() {
  local need
  for need in mvn:maven git:git curl:curl ssh:openssh-client debootstrap:debootstrap gpgv:gpgv flock:util-linux \
    nginx:nginx-light exim4:exim4-daemon-light; do
    command -v "${need%%:*}" >/dev/null || echo "${need#*:}"
  done
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
  dpkg-query -W -f '${db:Status-Status}\n' busybox-static 2>/dev/null | grep -qx installed || echo busybox-static
  command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
  python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
  if [ -n "${WITH_BROWSER:-}" ] && ! command -v chromium >/dev/null && package_exists chromium; then
    echo chromium
  fi
  engine_answers || missing_engine
}

missing_engine() {
  command -v dockerd >/dev/null || echo docker.io iptables
  if ! command -v docker >/dev/null && package_exists docker-cli; then
    echo docker-cli
  fi
}

package_exists() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

packages_ready() {
  local missing
  missing=$(missing_packages | xargs)
  if [ -z "$missing" ]; then
    return
  fi
  command -v apt-get >/dev/null || die "Missing here: $missing. This script installs packages only on Debian and Ubuntu."
  # Without package lists the second half of the answer (docker-cli) is not known yet.
  slow_step "Reading the package lists" apt-get update
  missing=$(missing_packages | xargs)
  consent "Packages to install: $missing"
  # shellcheck disable=SC2086
  slow_step "Installing $missing" install_packages $missing
}

install_packages() {
  # Without systemd an init script would start dockerd behind our back; runlevel 1 keeps services down.
  [ -d /run/systemd/system ] || export RUNLEVEL=1
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# consent TEXT: asks, unless --yes or CI said so already.
consent() {
  local answer
  say "$1"
  if [ -n "${ASSUME_YES:-}" ] || [ "${CI:-}" = true ]; then
    return
  fi
  [ -t 0 ] || die "Nobody is there to ask: run it again with --yes to allow this."
  read -r -p "Install? [y/N] " answer
  case "$answer" in
  [yY]*) ;;
  *) die "Nothing was installed." ;;
  esac
}
