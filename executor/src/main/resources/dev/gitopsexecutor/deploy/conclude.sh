# Notes the newest pipeline and drops releases that have outlived their use, as far as they can be dropped.
root=$(next)
state=$root/.gitops
write "$state/high-water.json"
on_disk "$state"
failed=0
there=$(all_pins)
while old=$(next); do
  images=$(release_images "$state/releases/$old")
  if rm -rf "$state/releases/$old"; then
    unpin "$state" "$old" "$images" || failed=1
  else
    failed=1
  fi
done
drop_unfinished "$state" || failed=1
# Those that are older than pins; an image that is gone is said before the next deploy.
for files in "$state/releases"/*; do
  [ ! -d "$files" ] || pin "$files" "${files##*/}" 2>/dev/null || :
done
exit "$failed"
