package dev.gitopsexecutor.identity;

/** What a check saw, in words that may be printed, and what it wanted. */
public record Comparison(boolean holds, String saw, String wanted) {

    /**
     * As the outcome of the check with that name.
     *
     * @param next what to do when it does not hold
     */
    public Finding of(String check, String next) {
        return new Finding(check, holds, saw, wanted, next);
    }
}
