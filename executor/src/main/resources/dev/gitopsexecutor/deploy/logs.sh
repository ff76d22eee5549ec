# The end of a container's log.
container=$(next)
docker logs --tail 50 "$container" 2>&1 | tail -c 20000
