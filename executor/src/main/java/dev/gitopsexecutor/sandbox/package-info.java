/** The job's two containers. */
@NullMarked
package dev.gitopsexecutor.sandbox;

import org.jspecify.annotations.NullMarked;
