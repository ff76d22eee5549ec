package dev.gitopsexecutor.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Somebody whose attention a message about a failure asks for, in the spelling of one channel or another; nothing that
 * could be more than that in any of them.
 *
 * @param text {@code @here}, {@code <@U012AB3CD>} or {@code <!subteam^S012AB3CD>} in Slack; {@code @name} in Telegram; an
 *     address of e-mail
 * @see <a href="https://docs.slack.dev/messaging/formatting-message-text">Slack's mentions</a>
 * @see <a href="https://core.telegram.org/bots/api#formatting-options">Telegram's</a>
 */
public record Mention(String text) {
    private static final Pattern SLACK_ALL = Pattern.compile("@(here|channel|everyone)");
    private static final Pattern SLACK_ONE = Pattern.compile("<(?:@[UW]|!subteam\\^S)[A-Z0-9]{2,20}>");
    private static final Pattern TELEGRAM = Pattern.compile("@[A-Za-z][A-Za-z0-9_]{4,31}");
    private static final Pattern EMAIL = Pattern.compile(
            "[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public Mention {
        if (text.length() > 254
                || !(SLACK_ALL.matcher(text).matches()
                        || SLACK_ONE.matcher(text).matches()
                        || TELEGRAM.matcher(text).matches()
                        || EMAIL.matcher(text).matches())) {
            throw new IllegalArgumentException("write @here, @channel, <@U012AB3CD> or <!subteam^S012AB3CD> for Slack,"
                    + " @name for Telegram, or an e-mail address");
        }
    }

    /** In Slack's mrkdwn; empty when Slack knows no such mention. */
    public Optional<String> inSlack() {
        Matcher all = SLACK_ALL.matcher(text);
        if (all.matches()) {
            return Optional.of("<!" + all.group(1) + ">");
        }
        return Optional.of(text).filter(SLACK_ONE.asMatchPredicate());
    }

    /** As Telegram has it; empty when it is none of Telegram's. */
    public Optional<String> inTelegram() {
        return Optional.of(text)
                .filter(TELEGRAM.asMatchPredicate())
                .filter(SLACK_ALL.asMatchPredicate().negate());
    }

    /** As a further recipient; empty when it is no address. */
    public Optional<String> inEmail() {
        return Optional.of(text).filter(EMAIL.asMatchPredicate());
    }

    /** Whether {@code text} is an address that can be mailed to, without a name and without quotes. */
    public static boolean isEmail(String text) {
        return text.length() <= 254 && EMAIL.matcher(text).matches();
    }
}
