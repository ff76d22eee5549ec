# Marks the current release verified and drops the oldest ones.
root=$(next) release=$(next)
state=$root/.gitops
write "$state/releases/$release/release.json"
write "$state/high-water.json"
on_disk "$state/releases/$release"
on_disk "$state"
while old=$(next); do rm -rf "$state/releases/$old"; done
