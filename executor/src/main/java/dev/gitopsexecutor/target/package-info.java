/** A host: SSH session, remote commands and files, the lock. */
@NullMarked
package dev.gitopsexecutor.target;

import org.jspecify.annotations.NullMarked;
