"""Whether somebody's Slack makes no sound now: they are in do-not-disturb, by their hours or by a snooze."""

import asyncio
from collections import OrderedDict
from contextlib import suppress

from bot import telemetry
from bot.clock import Clock
from bot.model.job import Lane
from bot.slack.client import SlackFault
from bot.slack.office import Office
from bot.slack.pieces import Json

METHOD, SCOPE = "dnd.info", "dnd:read"
KEPT = 60.0  # seconds an answer is believed
WAIT = 1.0  # seconds Slack may take: a page that has gone out must not wait to be written down
MANY = 1_000

log = telemetry.logger("slack")


class Disturbing:
    """What Slack said lately of whether people may be disturbed."""

    def __init__(self, clock: Clock) -> None:
        """`clock` measures how old an answer is."""
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    async def silent(self, office: Office, user: str) -> bool:
        """True where Slack says so; False where it does not, or says nothing in time, or lacks the scope."""
        if office.scopes is not None and SCOPE not in office.scopes:
            return False
        at, known = self._known.get(user, (0.0, None))
        if known is not None and self._clock.monotonic() - at < KEPT:
            return known
        if office.limiter.ask(METHOD, "", Lane.PAGE, user):
            return False
        try:
            async with asyncio.timeout(WAIT):
                said = await office.client.call(METHOD, user=user)
        except (SlackFault, TimeoutError) as error:
            log.info("slack.dnd_unknown", reason=str(error) or "Slack took too long.")
            return False
        self._known[user] = self._clock.monotonic(), quiet(said, self._clock.now().timestamp())
        self._known.move_to_end(user)
        if len(self._known) > MANY:
            self._known.popitem(last=False)
        return self._known[user][1]


def quiet(said: Json, now: float) -> bool:
    """What an answer of dnd.info means at `now`: that hours are set does not say that they have begun."""
    with suppress(TypeError, ValueError):
        hours = bool(said.get("dnd_enabled")) and _stamp(said, "next_dnd_start_ts") <= now
        snoozes = bool(said.get("snooze_enabled")) and now < _stamp(said, "snooze_endtime")
        return snoozes or (hours and now < _stamp(said, "next_dnd_end_ts"))
    return False


def _stamp(said: Json, name: str) -> float:
    return float(said.get(name) or 0.0)
