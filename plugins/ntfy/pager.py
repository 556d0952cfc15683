"""The pager of the channel `push`: a message to the topic that a person's phone listens to, at an ntfy server.

A second attempt has the sequence id of the first, so a phone shows it in the first one's place (ntfy 2.16 and later; an
older server takes no notice, and shows both).
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.contract import Call, Check, Context, Health, NotDelivered, Note, Sent, http, reading
from plugins.ntfy import words
from plugins.ntfy.settings import NtfySettings

TITLE, MESSAGE = 200, 2_000  # bytes; a server takes 4,096 for the message, the phones' makers as much for all of it
ALSO = 10  # other incidents that one message lists
HIGH, DEFAULT = 5, 3  # of ntfy's priorities: 5 rings on until somebody looks, 3 rings once
# ntfy shows a tag that it knows by such a name as a picture.
TAGS = {"sev1": "rotating_light", "sev2": "rotating_light", "sev3": "warning"}
_TEST = "0"  # the number of an incident that is none: a page to try out whether pages arrive
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")


class Push:
    """Implements `Pager` and `Teller`; `provider_id` is the message's id at the server."""

    channel = "push"
    tells = True

    def __init__(self, settings: NtfySettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings

    async def send(self, call: Call) -> Sent:
        """Publish it; NotDelivered."""
        incident = call.view.incident
        lines = "\n".join(_lines(call))
        return await self._publish(
            topic=_topic(call.person.name, call.person.push),
            title=_cut(_named(call.view.headline, incident.id), TITLE),
            message=_cut(lines, MESSAGE),
            priority=HIGH if incident.policy.urgency == "high" else DEFAULT,
            tags=[TAGS.get(incident.severity, "bell"), incident.severity, incident.id],
            sequence_id=_sequence(call.key),
        )

    async def tell(self, note: Note) -> Sent:
        """The same with plain words."""
        text = "\n".join(reading.clean(line) for line in note.text.splitlines())
        return await self._publish(
            topic=_topic(note.person.name, note.person.push),
            title="Tocsin",
            message=_cut(text, MESSAGE),
            priority=DEFAULT,
            sequence_id=_sequence(f"{note.key} {note.text}"),
        )

    async def check(self) -> list[Check]:
        """Whether the server is well, and with a token whether it knows that; where it may publish shows later."""
        rows = [await self._asked("server", "v1/health", "healthy")]
        return rows if self._settings.token is None else [*rows, await self._asked("token", "v1/account", "username")]

    async def _publish(self, **message: Any) -> Sent:
        headers = {**self._proof(), "X-Sequence-ID": message["sequence_id"]}
        said = (await http.send("POST", self._settings.url, json=message, headers=headers)).json()
        known = reading.text(said.get("id"), reading.NAME) if isinstance(said, dict) else None
        if not known:
            raise NotDelivered("The answer is none of ntfy's.", "Look whether `url` is right.")
        return Sent(known)

    async def _asked(self, scope: str, path: str, key: str) -> Check:
        try:
            said = (await http.send("GET", f"{self._settings.url}/{path}", headers=self._proof())).json()
        except NotDelivered as error:
            return Check(scope, Health.UNKNOWN if error.retry else Health.MISSING, str(error))
        if not isinstance(said, dict) or not said.get(key):
            return Check(scope, Health.MISSING, "The answer is none of ntfy's. Look whether `url` is right.")
        return Check(scope, Health.OK)

    def _proof(self) -> dict[str, str]:
        token = self._settings.token
        return {} if token is None else {"Authorization": f"Bearer {token.get_secret_value()}"}


def _lines(call: Call) -> Iterator[str]:
    """Why this person, how long they have, how to answer, and what else the message is about."""
    own, page, incident = words.of(call.person.language), call.page, call.view.incident
    why = reading.clean(page.why)[: reading.TITLE]
    if call.code == _TEST:
        yield from (why, own.test)
        return
    yield own.joining.format(why=why) if page.asked else own.why.format(tier=page.tier, why=why)
    left = timedelta(0) if page.asked else _left(call)
    if left > timedelta(0):
        yield own.within.format(minutes=max(1, round(left.total_seconds() / 60)), incident=incident.id)
    else:
        yield own.answer.format(incident=incident.id)
    for one in call.also[:ALSO]:
        yield own.also.format(incident=one.incident.id, headline=reading.clean(one.headline)[:TITLE])
    if len(call.also) > ALSO:
        yield f"… +{len(call.also) - ALSO}"


def _left(call: Call) -> timedelta:
    """How long they have: until the next step, or as long as their tier gives them; nothing where that is over."""
    if call.view.next_step is not None:
        return call.view.next_step.at - call.at
    tiers = call.view.incident.policy.tiers
    given = next((tier.answer_within for tier in tiers if tier.name == call.page.tier), timedelta(0))
    return call.page.decided_at + given - call.at


def _topic(person: str, push: str | None) -> str:
    """Where their phone listens. It is as good as a password on a public server, so no error shows it."""
    if push is None:
        raise NotDelivered(f"{person} has no push topic.", "Give them a `push` in people.yaml.")
    if not _TOPIC.fullmatch(push):
        raise NotDelivered(
            f"The `push` of {person} is no topic of ntfy.", "A topic is made of letters, digits, - and _, 64 at most."
        )
    return push


def _named(headline: str, incident: str) -> str:
    plain = reading.clean(headline)
    return plain if incident in plain else f"{incident} {plain}"


def _cut(given: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, whole characters."""
    data = given.strip().encode()
    return given.strip() if len(data) <= limit else data[: limit - 3].decode("utf-8", "ignore") + "…"


def _sequence(key: str) -> str:
    """ntfy takes letters and digits, 64 at most."""
    return f"tocsin-{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()[:40]}"
