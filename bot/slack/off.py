"""The chat's jobs in a bot whose Slack is off: there is nothing to draw on, so each is over at once."""

from collections.abc import Mapping

from bot.engine import work
from bot.model.job import Job


async def _over(job: Job) -> work.Outcome:
    return work.Done()


_KINDS = (
    "card",
    "dm",
    "notice",
    "line",
    "thread",
    "own",
    "archive",
    "home",
    "homes",
    "group",
    "topic",
    "vouch",
    "change",
)
_MORE = ("reminder", "trial-told", "revised", "offer", "handover_card", "handover_picture", "handover_summary")
#: Job kind -> handler; costs no import of Slack's libraries.
HANDLERS: Mapping[str, work.Handler] = dict.fromkeys((*_KINDS, *_MORE), _over)
