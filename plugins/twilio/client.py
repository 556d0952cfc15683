"""Speaks Twilio's REST API, and turns what it refuses into errors that name the cure and no phone number."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from bot.contract import Call, NotDelivered, Note, Unreadable, http, reading
from plugins.twilio import codes
from plugins.twilio.settings import TwilioSettings

API = "2010-04-01/Accounts"
PAUSE = 5.0  # seconds to wait where Twilio asks to, and does not say how long
_ID = re.compile(r"[A-Za-z0-9]{2,64}")


class Client:
    """One Twilio account."""

    def __init__(self, settings: TwilioSettings, *, by_key: bool = True) -> None:
        """`by_key` False logs in with the auth token also where there is an API key; nothing is opened here."""
        self._account = settings.account
        self._peer = http.Peer(settings.url, {"Accept": "application/json", **_proof(settings, by_key)})

    async def make(self, what: str, form: Mapping[str, str | list[str]]) -> str:
        """Make one of `Messages` or `Calls` and answer its id.

        NotDelivered without `retry` is a refusal; with `after` it was not taken, for we came too often; with `retry`
        alone nobody knows. Twilio drops no copies, so what is in doubt must never be asked for again.
        """
        try:
            reply = await self._peer.ask("POST", f"{API}/{self._account}/{what}.json", form=form)
        except NotDelivered as error:
            # The contract's client says retry=False of a POST whose answer was lost. That would look like a refusal
            # here: a pager with `once` says retry=True without `after`, which is how the engine knows a doubt.
            raise NotDelivered(error.what, error.do, retry=True) from None
        if not 200 <= reply.status < 300:
            raise _refused(reply)
        id_ = reading.text(_object(reply.body).get("sid"), 64)
        if id_ is None or not _ID.fullmatch(id_):
            # It said yes to something: whether a message is on its way, nobody knows.
            raise NotDelivered("The answer names no message.", "Look whether `url` is right.", retry=True)
        return id_

    async def see(self, path: str = "", **query: str) -> dict[str, Any]:
        """What stands at a path below the account; raises NotDelivered."""
        reply = await self._peer.ask("GET", f"{API}/{self._account}{path}.json", query=query)
        if not 200 <= reply.status < 300:
            raise _refused(reply)
        said = reply.json()
        if not isinstance(said, dict):
            raise NotDelivered("Twilio's answer is no JSON object.", "Look whether `url` is right.")
        return said


def phone(to: Call | Note) -> str:
    """The number it goes to; raises NotDelivered where there is none."""
    person = to.person
    if not person.phone:
        raise NotDelivered(f"{person.name} has no phone.", "Set their `phone` in config/people.yaml.")
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", person.phone):
        do = "Write their `phone` with its country, as in +905550000001."
        raise NotDelivered(f"The phone of {person.name} is no number with a country.", do)
    return person.phone


def _proof(settings: TwilioSettings, by_key: bool) -> Mapping[str, str]:
    name, secret = settings.account, settings.token
    if by_key and settings.key is not None and settings.key_secret is not None:
        name, secret = settings.key, settings.key_secret
    pair = f"{name}:{secret.get_secret_value()}".encode("utf-8", "backslashreplace")
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _refused(reply: http.Reply) -> NotDelivered:
    """What an answer that is no yes means."""
    code = codes.number(_object(reply.body).get("code"))
    if reply.status == 429:  # the only one that surely took nothing and may be asked again
        after = http.wait(reply)
        return NotDelivered("Twilio was asked too often (429).", retry=True, after=PAUSE if after is None else after)
    if reply.status >= 500 or reply.status in (408, 425):
        what = f"Twilio answered {reply.status}: nobody knows whether it was taken."
        return NotDelivered(what, "Look at the logs in the Twilio console.", retry=True)
    if code is None and reply.status in (401, 403):
        code = 20003
    if code is None:
        return NotDelivered(f"Twilio answered {reply.status}.", "Check the connection's `account` and `url`.")
    what, do = codes.meant(code)
    return NotDelivered(f"Twilio refused: {what} ({code}).", do)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = reading.loads(body)
    except Unreadable:
        return {}
    return said if isinstance(said, dict) else {}
