/** What went wrong, whose fault it is and what to do next. */
@NullMarked
package dev.gitopsexecutor.failure;

import org.jspecify.annotations.NullMarked;
