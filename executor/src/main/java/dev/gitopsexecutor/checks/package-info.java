/** Health, version and smoke checks of what really runs, asked from a host or from this machine. */
@NullMarked
package dev.gitopsexecutor.checks;

import org.jspecify.annotations.NullMarked;
