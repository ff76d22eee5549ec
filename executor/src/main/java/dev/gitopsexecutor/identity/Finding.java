package dev.gitopsexecutor.identity;

/**
 * How one named check of a decision came out.
 *
 * @param check its name, for searching: {@code ref_protected}
 * @param saw what the job brought, in words that may be printed
 * @param wanted what was asked for
 * @param next what to do when it does not hold
 */
public record Finding(String check, boolean holds, String saw, String wanted, String next) {

    public String sentence() {
        return "%s: %s; wanted: %s".formatted(check, saw, wanted);
    }
}
