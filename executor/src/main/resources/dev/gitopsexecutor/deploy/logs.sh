# Explains a container: one line of what the engine knows of it, one of the host's own time, then the end of its log, and as
# the last line whether that could be read. Whole lines of the log, since half a secret is not found by anybody.
container=$(next)
known=$(docker inspect --format '{"state":{{json .State}},"driver":{{json .HostConfig.LogConfig.Type}}}' "$container" 2>/dev/null) ||
  known='{}'
printf 'container %s\nnow %s\n' "$known" "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)"
# The empty line is what is cut away where nothing else is.
{
  echo
  docker logs --tail 50 "$container" 2>&1 && ended=read || ended=unreadable
  printf '\n%s\n' "$ended"
} | tail -c 300000 | sed 1d
