# Notes the newest pipeline and drops releases that have outlived their use, as far as they can be dropped.
root=$(next)
state=$root/.gitops
write "$state/high-water.json"
on_disk "$state"
failed=0
while old=$(next); do rm -rf "$state/releases/$old" || failed=1; done
drop_unfinished "$state" || failed=1
exit "$failed"
