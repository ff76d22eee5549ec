# Tells the state of a project's containers.
project=$(next)
containers
