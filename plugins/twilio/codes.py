"""What Twilio's error codes mean, and what to do about each."""

#: code -> what happened (of a message or call), and the cure; Twilio's own words are not shown, they hold the number.
CODES: dict[int, tuple[str, str]] = {
    # when it is asked to send
    20003: ("Twilio does not know us by these credentials", "Check `account`, `token`, `key` and `key_secret`."),
    20005: ("the Twilio account is not active", "Look at its state and balance in the Twilio console."),
    20404: ("Twilio knows no such account", "Check `account`, and that `url` is its region."),
    20429: ("Twilio was asked too often", "It is tried again."),
    21210: ("the number it should come from is not verified", "Set `voice_from` to a number of this account."),
    21211: ("that is no phone number", "Correct their `phone` in config/people.yaml."),
    21212: ("the number it should come from is none", "Correct `from` or `voice_from`."),
    21214: ("their phone cannot be reached by calls", "Correct their `phone` in config/people.yaml."),
    21215: (
        "unknown country: calls to it are not enabled",
        "Enable it in the Twilio console: Voice, Settings, Geo permissions.",
    ),
    21216: ("Twilio does not call that number", "Correct their `phone` in config/people.yaml."),
    21217: ("that is no phone number", "Correct their `phone` in config/people.yaml."),
    21219: ("this trial account may call verified numbers only", "Verify the number, or upgrade the account."),
    21408: (
        "unknown country: text messages to it are not enabled",
        "Enable it in the Twilio console: Messaging, Settings, Geo permissions.",
    ),
    21603: ("nobody is named whom it comes from", "Set `from` or `messaging_service`."),
    21606: ("the number it should come from is not ours, or sends no text messages", "Correct `from`."),
    21608: ("this trial account may write to verified numbers only", "Verify the number, or upgrade the account."),
    21610: ("they wrote STOP to this number", "They write START to it, or are reached another way."),
    21611: ("too many messages of this number still wait at Twilio", "Use a messaging service of several numbers."),
    21612: ("this sender cannot write to that number", "Use another `from`, or a messaging service."),
    21614: ("that number takes no text messages", "Correct their `phone` in config/people.yaml; a mobile is needed."),
    21617: ("the message is too long", "Tell the plugin's author."),
    21659: ("the number it should come from is not ours", "Set `from` to a number of this account."),
    21660: ("the number it should come from belongs to another account", "Set `from` to a number of this account."),
    # of what was taken and did not arrive
    30001: ("Twilio's queue was full", "Use a messaging service of several numbers."),
    30002: ("the Twilio account was suspended meanwhile", "Look at the Twilio console."),
    30003: ("the phone cannot be reached: off, or out of range", "Add another way to their `notify`."),
    30004: ("the phone or its carrier blocks the message", "They ask their carrier to take short messages."),
    30005: ("there is no such phone, or not any more", "Correct their `phone` in config/people.yaml."),
    30006: ("the carrier cannot be reached, or it is a landline", "Correct their `phone`; a mobile is needed."),
    30007: ("the carrier filtered the message as spam", "Register the sender; the console's Messaging, Regulatory."),
    30008: ("the carrier did not say why", "Add another way to their `notify`."),
    30034: ("the sender is not registered for messages to the US", "Register it: A2P 10DLC in the Twilio console."),
    30036: ("it came too late to be of use", "Add another way to their `notify`."),
    32205: (
        "unknown country: calls to it are not enabled",
        "Enable it in the Twilio console: Voice, Settings, Geo permissions.",
    ),
}


def meant(code: int | None) -> tuple[str, str]:
    """What happened, and what to do; also for a code nobody wrote down here, or none."""
    if code is None:
        return "Twilio gave no reason", "Look at the logs in the Twilio console."
    known = CODES.get(code)
    return known or (f"Twilio's error {code}", f"See https://www.twilio.com/docs/api/errors/{code}.")


def sentence(code: int | None) -> str:
    """The same in one line, for a ledger."""
    what, do = meant(code)
    return f"{what[0].upper()}{what[1:]}{f' ({code})' if code is not None else ''}. {do}"


def number(given: object) -> int | None:
    """A code as it is written in bodies; None where there is none, or 0."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given or None
    words = given.strip() if isinstance(given, str) else ""
    return (int(words) or None) if words.isascii() and words.isdigit() and len(words) <= 6 else None
