"""The pager of the channel `email`. Taken by a mail server is not read: only an answer counts, and the engine knows."""

from email.message import EmailMessage

from bot.contract import Call, Check, Context, Health, NotDelivered, Note, Sent
from plugins.smtp import address, line, message
from plugins.smtp.address import Mailbox
from plugins.smtp.settings import SmtpSettings

_PATIENCE = 4.0  # seconds for a check, which is given 5


class Mail:
    """Implements `Pager` and `Teller`: one connection for each message.

    A second attempt has the Message-ID of the first, by which mailboxes drop copies; `provider_id` is that id.
    """

    channel = "email"
    tells = True

    def __init__(self, settings: SmtpSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings

    async def send(self, call: Call) -> Sent:
        """Hand it to the server; NotDelivered."""
        to = _mailbox(call.person.name, call.person.email)
        return await self._deliver(message.page(call, self._settings, to), to, call.person.name)

    async def tell(self, note: Note) -> Sent:
        """The same with plain words."""
        to = _mailbox(note.person.name, note.person.email)
        return await self._deliver(message.note(note, self._settings, to), to, note.person.name)

    async def check(self) -> list[Check]:
        """Whether it can be reached, encrypts and lets us in; two rows at most."""
        patience = min(_PATIENCE, self._settings.timeout.total_seconds())
        try:
            await line.greet(self._settings, patience)
        except NotDelivered as error:
            return [Check("server", Health.UNKNOWN if error.retry else Health.MISSING, str(error))]
        rows = [Check("server", Health.OK)]
        return rows if self._settings.username is None else [*rows, Check("login", Health.OK)]

    async def _deliver(self, mail: EmailMessage, to: Mailbox, person: str) -> Sent:
        await line.deliver(self._settings, to.bare, person, mail.as_bytes())
        return Sent(str(mail["Message-ID"]))


def _mailbox(person: str, email: str | None) -> Mailbox:
    """Where their mail goes; NotDelivered where nobody knows, or nothing could be sent there."""
    if email is None:
        raise NotDelivered(f"{person} has no mail address.", "Give them an `email` in people.yaml.")
    to = address.split(email)
    if to is None:
        raise NotDelivered(f"The mail address of {person} is none that mail can be sent to.", "Correct their `email`.")
    return to
