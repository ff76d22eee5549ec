#!/bin/sh
# Runs inside the tree of the host image: the login user of deploys, sshd by key only, the testbed's plain-http registry.
set -eu
useradd --create-home --shell /bin/bash --groups docker deploy
install -d -m 0700 -o deploy -g deploy /home/deploy/.ssh
install -d -m 0755 -o deploy -g deploy /opt/shop
install -d -m 0755 -o deploy -g deploy /opt/fleet
rm -f /etc/ssh/ssh_host_*
printf 'PasswordAuthentication no\nMaxStartups 100\nMaxSessions 50\n' >/etc/ssh/sshd_config.d/testbed.conf
mkdir -p /etc/docker
# Each release's project has a network, and the engine's own pools end after thirty.
printf '%s\n' '{"insecure-registries": ["registry.test:5000"],' \
  ' "default-address-pools": [{"base": "10.201.0.0/16", "size": 24}]}' >/etc/docker/daemon.json
