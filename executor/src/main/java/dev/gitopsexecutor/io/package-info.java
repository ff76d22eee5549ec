/** Atomic files, deadlines, processes, HTTP, the job log. */
@NullMarked
package dev.gitopsexecutor.io;

import org.jspecify.annotations.NullMarked;
