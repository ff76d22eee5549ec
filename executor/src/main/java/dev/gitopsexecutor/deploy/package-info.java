/** The deploy transaction over hosts. */
@NullMarked
package dev.gitopsexecutor.deploy;

import org.jspecify.annotations.NullMarked;
