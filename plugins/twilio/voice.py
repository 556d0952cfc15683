"""Pages by a phone call that says what it is about and takes a key for an answer."""

from typing import ClassVar

from bot.contract import Call, Check, Context, NotDelivered, Note, Sent
from plugins.twilio import callback, speech, words
from plugins.twilio.client import Client, phone
from plugins.twilio.looking import look
from plugins.twilio.settings import TwilioSettings


class Voice:
    """Makes the calls of one connection."""

    channel: ClassVar[str] = "call"
    once: ClassVar[bool] = True  #: Twilio drops no copies, so what is in doubt is never called again
    tells: ClassVar[bool] = True

    def __init__(self, settings: TwilioSettings, context: Context) -> None:
        """Nothing is opened until a page is sent."""
        self._settings = settings
        self._context = context
        self._client = Client(settings)

    @staticmethod
    def wanted(settings: TwilioSettings) -> bool:
        """Only where a number is named that calls come from."""
        return settings.caller is not None

    async def send(self, call: Call) -> Sent:
        """Call once; NotDelivered says whether it was refused (no `retry`), or nobody knows."""
        language = words.language(call.person.language, self._settings.language)
        action = callback.address(self._context, call.key, language=language)
        say = words.named(language)
        return await self._ring(call, speech.page(call, say, voice(self._settings, language), action))

    async def tell(self, note: Note) -> Sent:
        """Call once and speak the words twice, a code in them digit by digit."""
        language = words.language(note.person.language, self._settings.language)
        return await self._ring(note, speech.note(note, words.named(language), voice(self._settings, language)))

    async def check(self) -> list[Check]:
        """The account, the number that calls, and whether keys find their way back."""
        return await look(self._settings, self._context, self._settings.caller, "voice")

    async def _ring(self, to: Call | Note, twiml: str) -> Sent:
        form: dict[str, str | list[str]] = {"To": phone(to), "Twiml": twiml}
        if self._settings.caller is None:
            raise NotDelivered("No number is named that calls come from.", "Set `voice_from`.")
        form["From"] = self._settings.caller
        if self._settings.machine_detection:
            form["MachineDetection"] = "Enable"
        if (address := callback.address(self._context, to.key)) is not None:
            form["StatusCallback"] = address
            # That it ended tells nothing of being woken: we want to hear that it was answered, too.
            form["StatusCallbackEvent"] = ["answered", "completed"]
        return Sent(await self._client.make("Calls", form))


def voice(settings: TwilioSettings, language: str) -> speech.Voice:
    """How this connection sounds in `en` or `tr`."""
    chosen = {str(known): name for known, name in settings.voices.items()}
    return speech.Voice(words.named(language).spoken, chosen.get(language, ""))
