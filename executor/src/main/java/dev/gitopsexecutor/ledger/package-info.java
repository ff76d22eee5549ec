/** What was deployed, by whom, verified or not. */
@NullMarked
package dev.gitopsexecutor.ledger;

import org.jspecify.annotations.NullMarked;
