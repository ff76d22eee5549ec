/** Decides whether an identity may deploy something somewhere. Pure. */
@NullMarked
package dev.gitopsexecutor.policy;

import org.jspecify.annotations.NullMarked;
