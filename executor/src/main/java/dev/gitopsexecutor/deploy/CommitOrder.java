package dev.gitopsexecutor.deploy;

/** How a commit stands to the one that was deployed before it. */
public enum CommitOrder {
    /** The deployed commit is an ancestor of it. */
    NEWER,
    /** It is an ancestor of the deployed commit. */
    OLDER,
    /** Neither is an ancestor of the other: other branches, or a history that was written anew. */
    APART,
    /** Nobody could look, or the history that was looked at ends before it tells. */
    UNKNOWN
}
