# shellcheck shell=bash
# A JDK 25: the one that is there, else the distribution's.

JDK_PACKAGE=openjdk-25-jdk-headless

is_jdk_25() { [ -x "$1/bin/javac" ] && grep -Eqs '^JAVA_VERSION="25[."]' "$1/release"; }

find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" \
    /usr/lib/jvm/* /usr/local/*jdk* /opt/*jdk* /opt/java/* "$HOME"/.jdks/* "$HOME"/.sdkman/candidates/java/*; do
    if [ -n "$home" ] && is_jdk_25 "$home"; then
      echo "$home"
      return
    fi
  done
  return 1
}

# jdk_ready: JAVA_HOME is a JDK 25 and first on PATH.
jdk_ready() {
  local home
  if ! home=$(find_jdk); then
    package_exists "$JDK_PACKAGE" || die "No JDK 25 here, and this distribution has no $JDK_PACKAGE: install one (https://adoptium.net/temurin/releases/?version=25) and set JAVA_HOME."
    consent "Packages to install: $JDK_PACKAGE"
    slow_step "Installing $JDK_PACKAGE" install_packages "$JDK_PACKAGE"
    home=$(find_jdk) || die "$JDK_PACKAGE is installed, but no JDK 25 was found in /usr/lib/jvm."
  fi
  export JAVA_HOME=$home
  export PATH=$JAVA_HOME/bin:$PATH
}
