/** Proves who the job is from its ID token. */
@NullMarked
package dev.gitopsexecutor.identity;

import org.jspecify.annotations.NullMarked;
