/** Entry point and object graph. */
@NullMarked
package dev.gitopsexecutor;

import org.jspecify.annotations.NullMarked;
