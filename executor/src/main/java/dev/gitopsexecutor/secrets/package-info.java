/** Secret references, values, Vault, masking and the text of env files. */
@NullMarked
package dev.gitopsexecutor.secrets;

import org.jspecify.annotations.NullMarked;
