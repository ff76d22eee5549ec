/** Health and version of what really runs. */
@NullMarked
package dev.gitopsexecutor.checks;

import org.jspecify.annotations.NullMarked;
