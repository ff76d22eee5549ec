#!/bin/sh
# A target host's start: sshd in the background, the engine in front. Runs again at every restart ("reboot").
set -eu
# Without full privileges these are mounted read-only, and the engine makes control groups of its own.
for mount in /sys /sys/fs/cgroup /sys/fs/cgroup/*; do
  if mountpoint -q "$mount"; then
    mount -o remount,bind,rw "$mount"
  fi
done
for mount in /proc/sys /proc/sysrq-trigger /proc/irq /proc/bus /proc/fs; do
  if mountpoint -q "$mount"; then
    umount "$mount"
  fi
done
mkdir -p /run/sshd
rm -f /run/docker.pid
ssh-keygen -A >/dev/null
/usr/sbin/sshd
exec dockerd
