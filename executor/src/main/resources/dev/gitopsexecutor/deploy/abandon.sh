# Undoes the first release of a host: its containers go, its network too when nothing else uses it. Volumes stay.
root=$(next) project=$(next) release=$(next)
set --
while service=$(next); do set -- "$@" "$service"; done
compose "$root/.gitops/releases/$release" rm --stop --force "$@" </dev/null >&2
if [ -z "$(docker ps -aq --filter "label=com.docker.compose.project=$project")" ]; then
  networks=$(docker network ls -q --filter "label=com.docker.compose.project=$project")
  # Splitting is meant: ids are hexadecimal.
  [ -z "$networks" ] || docker network rm $networks >&2
fi
rm -f "$root/current"
on_disk "$root"
