/** The command line. */
@NullMarked
package dev.gitopsexecutor.cli;

import org.jspecify.annotations.NullMarked;
