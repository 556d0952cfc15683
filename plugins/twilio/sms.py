"""Pages by text message: what it is about, and by which code to answer."""

from typing import ClassVar

from bot.contract import Call, Check, Context, NotDelivered, Note, Sent
from plugins.twilio import callback, harmless, segments, words
from plugins.twilio.client import Client, phone
from plugins.twilio.looking import look
from plugins.twilio.settings import TwilioSettings

_NAMED = 4  # other incidents that are named; the rest are counted
_LONGEST = 1600  # characters Twilio takes


class Sms:
    """Sends the text messages of one connection."""

    channel: ClassVar[str] = "sms"
    once: ClassVar[bool] = True  #: Twilio drops no copies, so what is in doubt is never sent again
    tells: ClassVar[bool] = True

    def __init__(self, settings: TwilioSettings, context: Context) -> None:
        """Nothing is opened until a page is sent."""
        self._settings = settings
        self._context = context
        self._client = Client(settings)

    @staticmethod
    def wanted(settings: TwilioSettings) -> bool:
        """Only where it is named whom text messages come from."""
        return settings.sender is not None or settings.messaging_service is not None

    async def send(self, call: Call) -> Sent:
        """Send it once; NotDelivered says whether it was refused (no `retry`), or nobody knows."""
        say = words.of(call, self._settings.language)
        answerable = self._context.address is not None and self._settings.answerable
        return await self._write(call, body(call, say, answerable))

    async def tell(self, note: Note) -> Sent:
        """Send plain words once, as `send` does."""
        return await self._write(note, _shortened(segments.plain(note.text)))

    async def check(self) -> list[Check]:
        """The account, the sender, and whether answers find their way back."""
        return await look(self._settings, self._context, self._settings.sender, "sms")

    async def _write(self, to: Call | Note, text: str) -> Sent:
        form: dict[str, str | list[str]] = {"To": phone(to), "Body": text}
        if self._settings.messaging_service is not None:
            form["MessagingServiceSid"] = self._settings.messaging_service
        elif self._settings.sender is not None:
            form["From"] = self._settings.sender
        else:
            raise NotDelivered("Nobody is named whom text messages come from.", "Set `from` or `messaging_service`.")
        if (address := callback.address(self._context, to.key)) is not None:
            form["StatusCallback"] = address
        return Sent(await self._client.make("Messages", form))


def body(call: Call, say: words.Words, answerable: bool) -> str:
    """A page in one message where that is possible: the headline gives way, what to answer never does."""
    head = harmless.headline(call)
    more = [_more(call, say)] if call.also else []
    long, short = (
        "\n".join([*more, reply.format(code=call.code)] if answerable else more)
        for reply in (say.reply, say.reply_short)
    )
    if segments.count(f"{head}\n{long}") == 1:
        return segments.cut(head, long, say.cut)
    if segments.gsm(plain := segments.plain(head)):
        return segments.cut(plain, long, say.cut)
    # Another alphabet: 70 letters are too few for a title and all these words, so fewer words, or two messages.
    return segments.cut(head, short, say.cut, most=min(2, segments.count(f"{head}\n{short}")))


def _more(call: Call, say: words.Words) -> str:
    also = [view.incident.id for view in call.also]
    which = ", ".join(also[:_NAMED]) + (", ..." if len(also) > _NAMED else "")
    return say.more.format(count=len(also), which=which)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
