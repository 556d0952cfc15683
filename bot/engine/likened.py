"""A likeness in words: in what two incidents are alike, and what ended the past one. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from bot import documents, words
from bot.model.incident import ENDED, FALSE_ALARM
from bot.model.likeness import Ending, Like
from bot.words.likeness import Likeness as Words

MINUTE = timedelta(minutes=1)


def because(one: Like, say: Words) -> str:
    """`same model churn, same feature amount, both soon after a change`."""
    return ", ".join(
        words.fill(say.reasons[reason.kind], names=", ".join(reason.names))
        if reason.names or reason.kind != "words"
        else say.unsaid
        for reason in one.reasons
        if reason.kind in say.reasons
    )


def how(ending: Ending, say: Words) -> str:
    """`CHG-3 (rollback to 6), resolved by ada after 42m, "the table moved", postmortem PM-2`."""
    return ", ".join(_how(ending, say))


def _how(ending: Ending, say: Words) -> Iterator[str]:
    for change, lever, version in ending.changes:
        yield words.fill(say.change if version else say.bare, change=change, lever=lever, version=version)
    template = {FALSE_ALARM: say.false, ENDED: say.alone}.get(ending.resolution, say.resolved)
    yield words.fill(template, who=ending.by or say.somebody, length=length(ending))
    for text, said in ((ending.why, say.why), (ending.note, say.note)):
        if text:
            yield words.fill(said, text=text)
    if ending.postmortem:
        yield words.fill(say.postmortem, postmortem=ending.postmortem)


def length(ending: Ending) -> str:
    """How long it was open, in whole minutes, as people type it: 42m, 1h30m."""
    open_for = (ending.resolved_at or ending.opened_at) - ending.opened_at
    return documents.written(max(MINUTE, open_for // MINUTE * MINUTE))
