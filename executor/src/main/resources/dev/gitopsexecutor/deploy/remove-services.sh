# Stops and removes the containers of services that a release brought and no other release knows.
root=$(next) project=$(next) release=$(next)
set --
while service=$(next); do set -- "$@" "$service"; done
compose "$root/.gitops/releases/$release" rm --stop --force "$@" </dev/null >&2
