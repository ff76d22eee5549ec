# shellcheck shell=bash
# An engine of another version than the machine's, with users of its own (userns-remap), in a container, for the tests of
# jobs and containers.

# second_engine_start: it runs and has the images of jobs until the script ends; GITOPS_ENGINE names its container.
second_engine_start() {
  export GITOPS_ENGINE=gitops-engine-$$
  on_exit second_engine_stop
  slow_step "Starting a second engine" second_engine_run
  say "  With userns-remap, Docker $(docker exec "$GITOPS_ENGINE" docker version --format '{{.Server.Version}}')."
}

second_engine_run() {
  local container rights deadline=$((SECONDS + 60))
  for container in $(docker ps -aq --filter name=gitops-engine-); do
    grep -qs scripts/test "/proc/$(docker inspect --format '{{.Name}}' "$container" | sed 's/.*-//')/cmdline" ||
      docker rm -fv "$container"
  done
  # /tmp is for files of the tests that a job's configuration names.
  mapfile -t rights < <(second_engine_rights)
  docker run -d --name "$GITOPS_ENGINE" "${rights[@]}" --tmpfs /run:exec,mode=755 -v /var/lib/docker \
    -v /tmp:/tmp "$HOST_IMAGE" sh -c '
      # The kernel mounts no new /proc and /sys for other users while a part of these is masked.
      for masked in $(grep -oE " /(proc/|sys/firmware)[^ ]*" /proc/mounts); do umount "$masked"; done
      echo "{\"userns-remap\": \"default\", \"insecure-registries\": [\"registry.test:5000\", \"0.0.0.0/0\"]}" \
        >/etc/docker/daemon.json
      exec /usr/local/sbin/host-entry'
  until docker exec "$GITOPS_ENGINE" docker version >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { docker logs --tail 20 "$GITOPS_ENGINE"; return 1; }
    sleep 0.2
  done
  docker save "$JOB_IMAGE" "$HELPER_IMAGE" "$APP_IMAGE" | docker exec -i "$GITOPS_ENGINE" docker load
}

# second_engine_rights: all of them, or where the machine's engine may not give these, the ones that an engine needs; a
# word on each line.
second_engine_rights() {
  if docker run --rm --privileged --network=none "$APP_IMAGE" /bin/env >/dev/null 2>&1; then
    echo --privileged
    return
  fi
  printf -- '--cap-add=%s\n' AUDIT_CONTROL DAC_READ_SEARCH IPC_LOCK NET_ADMIN NET_BROADCAST SYS_ADMIN SYS_NICE \
    SYS_PTRACE SYSLOG
  printf '%s\n' --security-opt=seccomp=unconfined --security-opt=apparmor=unconfined '--device-cgroup-rule=a *:* rwm'
}

second_engine_stop() { docker rm -fv "$GITOPS_ENGINE" >/dev/null 2>&1; }
