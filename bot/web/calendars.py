"""Where calendars are read: an address with a key in it, which is nobody's business but its reader's."""

import asyncio
import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import telemetry
from bot.engine import calendar, feeds
from bot.engine.desk import Desk
from bot.errors import NotFound, TocsinError
from bot.web import answers

MANY = 60  #: readings of one calendar within SPAN; calendars come a few times an hour
SPAN = timedelta(minutes=1)
KNOWN = 1_024  # calendars whose readings are counted
AT_ONCE = 4  # calendars that are looked up and drawn at a time
LONGEST = 128  # characters of a key

log = telemetry.logger("calendars")


def routes(desk: Desk) -> list[BaseRoute]:
    """The one address they have, with and without the ending that some calendars want."""
    return [Route("/calendars/{key}", _Door(desk).read, methods=["GET"])]  # and HEAD


class _Door:
    """Answers readers, a few at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._calendars = calendar.Calendars(desk)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._read: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    async def read(self, request: Request) -> Response:
        """The calendar; 304 where the reader has it already, 404 for what is no key, or one no more."""
        try:
            async with self._turn:
                return await self._answer(request)
        except calendar.Missing as error:
            return answers.json({"error": error.what, "do": error.do, "retry": False}, 501)
        except TocsinError as error:
            return answers.error(error)
        except Exception:  # the door: a calendar gets an answer, the log has the trace and not the key
            log.exception("a calendar broke")
            return answers.error(TocsinError("Something broke here.", "Read it again later.", retry=True))

    async def _answer(self, request: Request) -> Response:
        now = self._desk.clock.now()
        key = str(request.path_params["key"])[:LONGEST].removesuffix(".ics")
        feed = await feeds.opened(self._desk, key, now)
        if feed is None:
            telemetry.REFUSED.labels("calendar", "key").inc()
            do = "Ask for a new address with `tocsin oncall feed`."
            return answers.error(NotFound("There is no calendar here, or no more.", do))
        if not self._welcome(feed.digest, now):
            telemetry.REFUSED.labels("calendar", "rate").inc()
            said = {"error": "This calendar is read too often.", "do": "Read it a few times an hour.", "retry": True}
            return answers.json(said, 429, {"Retry-After": str(int(SPAN.total_seconds()))})
        text = await self._calendars.text(feed.about)
        tag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
        if _has(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="oncall.ics"'
        return Response(text, 200, headers, "text/calendar; charset=utf-8")

    def _welcome(self, digest: str, now: datetime) -> bool:
        """Whether it was not read too often just now."""
        since, count = self._read.pop(digest, (now, 0))
        if now - since >= SPAN:
            since, count = now, 0
        self._read[digest] = (since, count + 1)
        while len(self._read) > KNOWN:
            self._read.popitem(last=False)
        return count < MANY


def _has(said: str, tag: str) -> bool:
    """Whether If-None-Match names the tag, weakly or not."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in said.split(","))
