# Notes the newest pipeline and drops releases that have outlived their use, as far as they can be dropped.
root=$(next)
state=$root/.gitops
write "$state/high-water.json"
on_disk "$state"
status=0
while old=$(next); do rm -rf "$state/releases/$old" || status=1; done
# What an install left that was cut off before its record was there.
for left in "$state/releases"/*; do
  [ -e "$left/release.json" ] || rm -rf "$left" || status=1
done
exit "$status"
