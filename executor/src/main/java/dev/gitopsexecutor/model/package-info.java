/** Values that parse or refuse. */
@NullMarked
package dev.gitopsexecutor.model;

import org.jspecify.annotations.NullMarked;
