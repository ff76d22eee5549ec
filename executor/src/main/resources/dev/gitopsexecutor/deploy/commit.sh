# Marks the current release verified.
root=$(next) release=$(next)
files=$root/.gitops/releases/$release
write "$files/release.json"
on_disk "$files"
