#!/bin/sh
# Shared by all scripts: fail on the first error, create nothing that others may read.
set -eu
umask 077

# The next value of the input: one line of base64.
next() {
  IFS= read -r line || return 1
  printf %s "$line" | base64 -d
}

