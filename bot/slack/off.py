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
    "checkpoint-told",
)
_MORE = (
    "reminder",
    "postmortem_card",
    "trial-told",
    "revised",
    "offer",
    "likened",
    "handover_card",
    "handover_picture",
    "incident_picture",
    "handover_summary",
)
#: Job kind -> handler; costs no import of Slack's libraries.
HANDLERS: Mapping[str, work.Handler] = dict.fromkeys((*_KINDS, *_MORE), _over)
