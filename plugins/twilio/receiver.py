"""Hears Twilio: what became of messages and calls, what people wrote back, which key they pressed."""

from collections.abc import Mapping, Sequence

from bot.contract import Answer, Context, Heard, Reply, Report, Request, Says, Unreadable, reading
from plugins.twilio import callback, codes, posted, speech, words
from plugins.twilio.settings import TwilioSettings
from plugins.twilio.understanding import opted, understood
from plugins.twilio.voice import voice

_MESSAGE = {
    **dict.fromkeys(("delivered", "read"), True),
    **dict.fromkeys(("undelivered", "failed", "canceled"), False),
}  # every other word says that it is on its way
_CALL = {
    # Somebody picked up; only a key they press says that they are awake.
    **dict.fromkeys(("in-progress", "answered"), True),
    **dict.fromkeys(("busy", "no-answer", "failed", "canceled"), False),
}
_UNHEARD = {"busy": "The line was busy.", "no-answer": "Nobody picked up.", "canceled": "The call was cancelled."}
_KEYS = {"1": Says.ACKNOWLEDGE, "2": Says.ESCALATE, "3": Says.RESOLVE}


class Receiver:
    """Reads what Twilio posts to one connection."""

    def __init__(self, settings: TwilioSettings, context: Context) -> None:
        """Nothing is opened."""
        self._settings = settings
        self._context = context

    def authenticate(self, request: Request) -> None:
        """Return when Twilio signed it by one of our auth tokens; raise NotAuthentic otherwise."""
        posted.prove(request, self._context, (self._settings.token, *self._settings.former))

    def hear(self, request: Request) -> Heard:
        """A report of a message or a call, or what somebody wrote or pressed; raise Unreadable for anything else."""
        told = posted.fields(request)
        if "MessageStatus" in told:
            return Heard(reports=(_message(told),))
        if "Digits" in told:
            return Heard(replies=(_pressed(told, request),))
        if "CallStatus" in told:
            return Heard(reports=_call(told))
        if "Body" in told and "From" in told:
            return Heard(replies=(_written(told),))
        raise Unreadable(
            "This is nothing that Twilio posts of a message or a call.", "Look at the webhooks' addresses."
        )

    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        """TwiML: a message to whoever wrote, words for whoever pressed a key; nothing for a report."""
        try:
            told = posted.fields(request)
        except Unreadable:
            told = {}
        text = " ".join(sentences)
        if "MessageStatus" in told:
            return Answer(204)
        if "Digits" in told:
            return _twiml(self._spoken(told, request, text))
        if "CallStatus" in told or "Body" not in told or _twilio_answers(told):
            return _twiml(speech.message(""))
        return _twiml(speech.message(text))

    def _spoken(self, told: Mapping[str, str], request: Request, text: str) -> str:
        language = words.language(request.query.get("language"), self._settings.language)
        key, page = told["Digits"].strip(), request.query.get("page", "")
        # Whoever pressed another key may try again.
        again = callback.address(self._context, page, language=language) if page and key not in _KEYS else None
        text = text or (words.named(language).keys if again else "")  # nothing new: it was pressed before
        return speech.answer(text, voice(self._settings, language), again)


def _message(told: Mapping[str, str]) -> Report:
    arrived = _MESSAGE.get(told["MessageStatus"].strip().lower())
    why = codes.sentence(codes.number(told.get("ErrorCode"))) if arrived is False else ""
    return Report(_id(told, "MessageSid", "SmsSid"), arrived, why)


def _call(told: Mapping[str, str]) -> tuple[Report, ...]:
    """At most one: that a call has ended tells nothing of anybody being woken, unless a machine took it."""
    status = told["CallStatus"].strip().lower()
    sid = _id(told, "CallSid")
    if told.get("AnsweredBy", "").startswith(("machine", "fax")):
        return (Report(sid, False, "An answering machine took the call."),)
    if status == "completed":
        return ()
    arrived = _CALL.get(status)
    code = codes.number(told.get("ErrorCode"))
    failed = "The call could not be put through." if code is None else codes.sentence(code)
    return (Report(sid, arrived, _UNHEARD.get(status, failed) if arrived is False else ""),)


def _pressed(told: Mapping[str, str], request: Request) -> Reply:
    key = told["Digits"].strip()
    page = request.query.get("page", "")
    if not page:
        raise Unreadable("A key was pressed, and the address does not say on which page.", "Report this: it is a bug.")
    # Of one call each press has an id of its own, and Twilio's repetition of one the same.
    press = reading.clean(request.headers.get("i-twilio-idempotency-token", "")[:100]) or reading.clean(key[:10])
    return Reply(_KEYS.get(key, Says.HELP), page=page[:500], id=f"{_id(told, 'CallSid')}/{press}")


def _written(told: Mapping[str, str]) -> Reply:
    says, code = understood(told["Body"])
    known = opted(told.get("OptOutType", ""))
    if known is not None:
        says, code = known, ""
    return Reply(says, code, phone=reading.clean(told["From"][:64]), id=_id(told, "MessageSid", "SmsSid"))


def _twilio_answers(told: Mapping[str, str]) -> bool:
    """Whether Twilio itself answers, as it must for STOP; a second answer of ours would be refused or annoy."""
    return bool(opted(told.get("OptOutType", ""))) or understood(told["Body"])[0] is Says.STOP


def _id(told: Mapping[str, str], *names: str) -> str:
    for name in names:
        if found := reading.clean(told.get(name, "")[:64]):
            return found
    raise Unreadable(f"There is no {names[0]}.", "Only Twilio posts here.")


def _twiml(text: str) -> Answer:
    return Answer(200, text.encode("utf-8", "replace"), "text/xml")
