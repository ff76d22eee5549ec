/** A deploy that has ended, as people and other programs read of it. */
@NullMarked
package dev.gitopsexecutor.report;

import org.jspecify.annotations.NullMarked;
