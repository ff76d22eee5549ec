/** The order of a job: one class per entry point of the runner. */
@NullMarked
package dev.gitopsexecutor.job;

import org.jspecify.annotations.NullMarked;
