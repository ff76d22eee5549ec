package dev.gitopsexecutor.policy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The wish to deploy in spite of a freeze or of a tier that was skipped; whether it counts, the policy says. It carries
 * its day, so that one that was left in a file or in the project's settings means nothing on the next.
 *
 * @param day in UTC
 * @param reason one line, for the audit log
 */
public record BreakGlass(LocalDate day, String reason) {
    /** The job's variable. */
    public static final String VARIABLE = "GITOPS_BREAK_GLASS";

    private static final Pattern FORM =
            Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2}) ([^\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]{8,200})");

    /** Reads {@code 2026-11-24 the reason}; throws {@link IllegalArgumentException} with a sentence. */
    public static BreakGlass parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "write the date of today in UTC and a reason of 8 to 200 characters, such as: 2026-11-24 the shop is down");
        }
        try {
            return new BreakGlass(LocalDate.parse(matcher.group(1)), matcher.group(2));
        } catch (DateTimeException noSuchDay) {
            throw new IllegalArgumentException("there is no day " + matcher.group(1), noSuchDay);
        }
    }

    boolean isOf(Instant time) {
        return day.equals(LocalDate.ofInstant(time, ZoneOffset.UTC));
    }
}
