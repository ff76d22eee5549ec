/** Tells people what happens to an environment; whether that works decides nothing. */
@NullMarked
package dev.gitopsexecutor.notify;

import org.jspecify.annotations.NullMarked;
