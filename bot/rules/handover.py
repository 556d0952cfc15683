"""When a shift changes hands, between whom, and who may accept it: asked of the resolver, after overrides."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.model import handover as noun
from bot.model.handover import Handover, Standing
from bot.model.people import People
from bot.model.rota import Override, Rota, Shift
from bot.model.verdict import Verdict
from bot.rules import rota as rota_rule
from bot.rules import standin, turns

LONGEST = timedelta(hours=12)  #: so long at most both sides are paged
_BACK = (timedelta(days=8), timedelta(days=64))  #: how far back the beginning of a shift is looked for

Who = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of shift: at `at` the outgoing go, who were on call since `since`, and the incoming have it."""

    rota: str
    at: datetime
    since: datetime
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]  #: where only some go, those who stay; empty where nobody is on call then

    @property
    def length(self) -> timedelta:
        """How long the shift was that ends."""
        return self.at - self.since


def changes(rota: Rota, start: datetime, end: datetime, overrides: Sequence[Override] = ()) -> list[Turn]:
    """The changes of shift in `[start, end)`, in order: where somebody goes. Whoever only comes has nobody to ask.

    People who are kept on call until a handover is accepted are left out: that makes no shift. `overrides` must have
    those of the time before, as far as `since` shall see them.
    """
    kept = [one for one in overrides if one.rota == rota.name and not noun.own(one)]
    return [
        Turn(rota.name, at, begun(rota, at, outgoing, kept), outgoing, incoming)
        for at, outgoing, incoming in _sides(rota, start, end, kept)
    ]


def instants(rota: Rota, start: datetime, end: datetime, overrides: Sequence[Override] = ()) -> list[datetime]:
    """When those are, without what takes longer to find out."""
    kept = [one for one in overrides if one.rota == rota.name and not noun.own(one)]
    return [at for at, _, _ in _sides(rota, start, end, kept)]


def change(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> Turn | None:
    """The change of shift at that very instant; None where nobody goes then."""
    return next(iter(changes(rota, at, at + turns.TICK, overrides)), None)


def over(rota: Rota, at: datetime, now: datetime, least: timedelta, overrides: Sequence[Override] = ()) -> datetime:
    """When the shift that begins at `at` is handed over itself, LONGEST after `now` at most; in the past, it was."""
    following = changes(rota, at + turns.TICK, now + LONGEST, overrides)
    return next((turn.at for turn in following if turn.length >= least), now + LONGEST)


def begun(rota: Rota, at: datetime, persons: Collection[str], overrides: Sequence[Override] = ()) -> datetime:
    """Since when the one of `persons` who is on call longest has been so until `at`, without a break."""
    kept = [one for one in overrides if one.rota == rota.name and not noun.own(one)]
    first = at
    for back in _BACK:
        start = max(at - back, turns.FIRST)
        shifts = rota_rule.shifts(rota, start, at, kept)
        spans = (span for name in persons for span in standin.held(shifts, name) if span.end == at)
        first = min((span.start for span in spans), default=at)
        if first > start:
            break
    return first


def holding(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> tuple[str, ...]:
    """Whose shift it is at `at`, without those who are only kept on call until they are relieved."""
    kept = [one for one in overrides if not noun.own(one)]
    return tuple(holder.person for holder in rota_rule.on_call(rota, at, kept))


def may_accept(
    person: str | None, handover: Handover, rota: Rota, people: People, now_on_call: Collection[str]
) -> Verdict:
    """Whether `person` may accept it: an incoming one, whoever has the shift by now, for them their lead or an admin.

    Nobody who hands over may, whatever else they are.
    """
    if person is None:
        return Verdict.STRANGER
    if handover.standing is Standing.ACCEPTED:
        return Verdict.ALREADY
    if handover.standing is Standing.LAPSED:
        return Verdict.EXPIRED
    if handover.standing is not Standing.POSTED:
        return Verdict.NOT_POSSIBLE
    if person in handover.outgoing:
        return Verdict.SAME_PERSON
    takes = person in handover.incoming or person in now_on_call
    return Verdict.GO if takes or _answers(person, rota, people) else Verdict.NOT_ALLOWED


def may_remark(person: str | None, handover: Handover, rota: Rota, people: People) -> Verdict:
    """Whether `person` may write into it until it is accepted: who hands over, their lead or an admin."""
    if person is None:
        return Verdict.STRANGER
    if not handover.open:
        return Verdict.DECIDED
    return Verdict.GO if person in handover.outgoing or _answers(person, rota, people) else Verdict.NOT_ALLOWED


def _answers(person: str, rota: Rota, people: People) -> bool:
    team = people.teams.get(rota.owner or "")
    return person in people.admins or (team is not None and person == team.lead)


def _sides(rota: Rota, start: datetime, end: datetime, kept: Sequence[Override]) -> Iterator[tuple[datetime, Who, Who]]:
    for before, after in pairwise(rota_rule.shifts(rota, start - turns.TICK, end, kept)):
        gone, there = _persons(before), _persons(after)
        if outgoing := tuple(name for name in gone if name not in there):
            yield before.end, outgoing, tuple(name for name in there if name not in gone) or there


def _persons(shift: Shift) -> tuple[str, ...]:
    return tuple(holder.person for holder in shift.holders)
