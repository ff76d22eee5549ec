# shellcheck shell=bash
# Building and starting what is in this checkout. Called from its top.

# The testbed removes its own leftovers, and no image can be pulled here or needs to be.
export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1

maven() { mvn --batch-mode --no-transfer-progress "$@"; }

# build_ready: launcher and test classes are built.
build_ready() { slow_step "Building (minutes the first time, seconds later)" maven -q -DskipTests package; }

# on_testbed CLASS ARGUMENT...: replaces this process by a main class of the test tree, named below dev.gitopsexecutor.
on_testbed() {
  local class=$1
  shift
  exec "$(find_jdk)/bin/java" -cp "executor/target/test-classes:executor/target/classes:$(cat executor/target/test-classpath.txt)" \
    "dev.gitopsexecutor.$class" "$@"
}

# sweep_testbeds: removes what a testbed left whose process was killed, when there is any.
sweep_testbeds() {
  if [ -e executor/target/test-classpath.txt ] && ls /tmp/gitops-executor-testbed/* >/dev/null 2>&1; then
    (on_testbed testbed.Demo sweep)
  fi
  rmdir /tmp/gitops-executor-testbed 2>/dev/null || true
}
