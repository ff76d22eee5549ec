/** A job's containers. */
@NullMarked
package dev.gitopsexecutor.sandbox;

import org.jspecify.annotations.NullMarked;
