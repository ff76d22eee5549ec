/** Real parts for tests, demo and benchmarks: hosts, registry, Vault, GitLab, a repository and the runner. */
@NullMarked
package dev.gitopsexecutor.testbed;

import org.jspecify.annotations.NullMarked;
