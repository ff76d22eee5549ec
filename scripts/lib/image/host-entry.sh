#!/bin/sh
# A target host's start: sshd in the background, the engine in front. Runs again at every restart ("reboot").
set -eu
mkdir -p /run/sshd
rm -f /run/docker.pid
ssh-keygen -A >/dev/null
/usr/sbin/sshd
exec dockerd
