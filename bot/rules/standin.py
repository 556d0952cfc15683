"""Who may change a rota by hand, what stands in the way of it, and the nearest thing that could be done instead."""

import difflib
import zoneinfo
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.model.people import People
from bot.model.rota import Amendment, Override, Rota, Shift
from bot.model.verdict import Verdict
from bot.rules import clocks
from bot.rules import rota as rota_rule

LATE = timedelta(minutes=5)  #: so long ago a span may have begun, and still be meant as from now on
LONGEST = timedelta(days=90)  # a change for longer than that belongs into the configuration
FURTHEST = timedelta(days=366)  #: how far ahead a span may begin
AROUND = timedelta(days=1)  #: what is shown before and after a span
NEXT = timedelta(days=60)  #: how far ahead somebody's next shift is looked for
#: A time before or after these is refused in any case, as past or as far ahead, and no zone can show the outermost.
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """Half-open, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """Why something cannot be: the name of a sentence of `words.roster`, what fills it in, and the nearest that can."""

    what: str
    parts: Mapping[str, object] = field(default_factory=dict)
    near: "Clash | None" = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody whose shifts a change moves: the time they are rid of, and what they have instead."""

    person: str
    lost: tuple[Span, ...]
    gained: tuple[Span, ...]
    was: tuple[Span, ...]  #: their shifts before that are not as they were, whole
    now: tuple[Span, ...]  #: and those after


# Who may


def crew(rota: Rota, people: People) -> tuple[str, ...]:
    """Who could take a shift of it: everybody who takes turns, and the members and lead of its owner team."""
    team = people.teams.get(rota.owner or "")
    named = (*rota.persons, *(team.members if team else ()), *((team.lead,) if team and team.lead else ()))
    return tuple(name for name in dict.fromkeys(named) if name in people.persons)


def keeps(person: str, rota: Rota, people: People) -> bool:
    """Whether `person` may change it for others: its owner team, where it has none its members, and the admins."""
    team = people.teams.get(rota.owner or "")
    return person in people.admins or person in ((*team.members, team.lead) if team else rota.persons)


def may_amend(person: str | None, rota: Rota, people: People, *, own: bool) -> Verdict:
    """Whether `person` (None: nobody we know) may change `rota`; `own`: it concerns nothing but their own shift."""
    if person is None:
        return Verdict.STRANGER
    return Verdict.GO if own or keeps(person, rota, people) else Verdict.NOT_YOUR_ROTA


def own(asked: Override, person: str | None) -> bool:
    """Whether it is nothing but the absence of whoever asks for it."""
    return asked.kind is Amendment.ABSENCE and asked.person == person


# When


def aware(at: datetime, zone: str) -> datetime:
    """The moment somebody means: a naive time is one of the clocks of `zone`, which must be known; in UTC."""
    if at.year < _EARLIEST.year:
        return _EARLIEST
    if at.year >= _LATEST.year:
        return _LATEST
    return at.astimezone(UTC) if at.tzinfo else clocks.moment(clocks.of(zone).first(clocks.wall(at)))


def zone(name: str) -> Clash | None:
    """Why `name` is no time zone."""
    try:
        clocks.of(name)
    except (KeyError, ValueError, OSError):  # of which the last is what a folder of zones says
        known = zoneinfo.available_timezones()
        return Clash(
            "no_zone", {"zone": name[:60]}, _meant(name, known) or Clash("near_zone", {"zone": "Europe/Istanbul"})
        )
    return None


def span(start: datetime, end: datetime, at: datetime) -> Clash | None:
    """Why nothing can be changed for `[start, end)` at `at`."""
    if start < at - LATE:
        return Clash("in_the_past", {"start": start}, Clash("near_now", {"now": at}))
    if start > at + FURTHEST:
        return Clash("too_far", {"days": FURTHEST.days}, Clash("near_start", {"start": at + FURTHEST}))
    if end <= start:
        return Clash("ends_first", {}, Clash("near_end", {"start": start}))
    if end <= at:
        return Clash("in_the_past", {"start": start}, Clash("near_end", {"start": at}))
    if end - start > LONGEST:
        return Clash("too_long", {"days": LONGEST.days}, Clash("near_until", {"end": start + LONGEST}))
    return None


# What stands in the way


def clashes(
    asked: Override, rota: Rota, overrides: Sequence[Override], persons: Collection[str], at: datetime
) -> list[Clash]:
    """Why `asked` cannot be, the plainest first; empty where it can.

    `overrides` are those of its span and of the time after it, in which somebody's next shift is looked for; `persons`
    are those the configuration knows.
    """
    if wrong := span(asked.start, asked.end, at):
        return [wrong]
    if stranger := next(_unknown(asked, persons), None):
        return [stranger]
    overrides = [one for one in overrides if one.rota == rota.name]
    found = (_absent(asked, rota), twice(asked, overrides), _replaced(asked, rota, overrides), _away(asked, overrides))
    wrong_ones = [one for one in found if one is not None]
    return wrong_ones or [one for one in (_idle(asked, rota, overrides),) if one is not None]


def warnings(asked: Override, rota: Rota, overrides: Sequence[Override]) -> list[Clash]:
    """What whoever asks should know although it can be: where nobody is left, and an absence from no shift."""
    before, after = _with(asked, rota, overrides)
    found = [
        Clash("nobody_left", {"rota": rota.name, "start": one.start, "end": one.end})
        for one in _minus(_empty(after), _empty(before))
    ]
    away = asked.person or ""
    if asked.kind is Amendment.ABSENCE and away not in there(rota, asked.start, asked.end, overrides):
        found.append(Clash("not_on_call", _who(away, rota), _next(away, rota, asked.start, overrides)))
    return found


def on_call_in(who: str, rota: Rota, spanned: Span, overrides: Sequence[Override]) -> Clash | None:
    """Why `who` cannot give away a shift in that span: they have none."""
    if who in there(rota, *spanned, overrides):
        return None
    if who not in rota.persons and all(who not in (one.person, one.replaces) for one in overrides):
        return Clash("not_in_rota", _who(who, rota), _meant(who, rota.persons) or _those(rota, spanned, overrides))
    nearest = _next(who, rota, spanned.start, overrides) or _those(rota, spanned, overrides)
    return Clash("not_on_call", _who(who, rota), nearest)


def cannot_take(who: str, rota: Rota, spanned: Span, overrides: Sequence[Override]) -> Clash | None:
    """Why `who` cannot take a shift in that span: they are on call then anyhow, or away."""
    for shift in rota_rule.shifts(rota, *spanned, overrides):
        if any(holder.person == who for holder in shift.holders):
            return Clash("on_call_anyhow", {**_who(who, rota), "start": shift.start, "end": shift.end})
    return _gone(who, spanned, [one for one in overrides if one.rota == rota.name])


def twice(asked: Override, overrides: Sequence[Override]) -> Clash | None:
    """Another of the same kind about the same person at the same time."""
    for one in _touching(Span(asked.start, asked.end), overrides):
        same = one.replaces == asked.replaces if asked.kind is Amendment.OVERRIDE else one.person == asked.person
        if one.kind is asked.kind and same:
            said = {"override": one.id, "start": one.start, "end": one.end}
            return Clash("overlaps", said, Clash("near_after", {"override": one.id, "end": one.end}))
    return None


def there(rota: Rota, start: datetime, end: datetime, overrides: Sequence[Override]) -> tuple[str, ...]:
    """Everybody who holds the pager at some moment of `[start, end)`, or would if they were not away."""
    present = [one for one in overrides if one.kind is not Amendment.ABSENCE]
    found = (*rota_rule.shifts(rota, start, end, overrides), *rota_rule.shifts(rota, start, end, present))
    return tuple(dict.fromkeys(holder.person for shift in found for holder in shift.holders))


def _unknown(asked: Override, persons: Collection[str]) -> Iterator[Clash]:
    if not asked.person:
        yield Clash("nobody_named")
    for name in (asked.person, asked.replaces):
        if name and name not in persons:
            yield Clash("unknown_person", {"who": name[:60]}, _meant(name, persons))
    if asked.person == asked.replaces:
        yield Clash("for_themselves", {"who": asked.person or ""})
    if asked.replaces and asked.kind is not Amendment.OVERRIDE:
        yield Clash("replaces_nobody", {"replaces": asked.replaces})


def _absent(asked: Override, rota: Rota) -> Clash | None:
    """Only who takes turns at all can be away from them; whether in that very span does not matter."""
    who = asked.person or ""
    if asked.kind is not Amendment.ABSENCE or who in rota.persons:
        return None
    return Clash("not_in_rota", _who(who, rota), _meant(who, rota.persons) or _names(rota.persons))


def _replaced(asked: Override, rota: Rota, overrides: Sequence[Override]) -> Clash | None:
    if asked.replaces is None:
        return None
    return on_call_in(asked.replaces, rota, Span(asked.start, asked.end), overrides)


def _away(asked: Override, overrides: Sequence[Override]) -> Clash | None:
    """Who is away stands in for nobody."""
    if asked.kind is Amendment.ABSENCE:
        return None
    return _gone(asked.person or "", Span(asked.start, asked.end), overrides)


def _gone(who: str, spanned: Span, overrides: Iterable[Override]) -> Clash | None:
    for one in _touching(spanned, overrides):
        if one.kind is Amendment.ABSENCE and one.person == who:
            said = {"who": who, "override": one.id, "start": one.start, "end": one.end}
            return Clash("is_away", said, Clash("near_after", {"override": one.id, "end": one.end}))
    return None


def _idle(asked: Override, rota: Rota, overrides: Sequence[Override]) -> Clash | None:
    """What changes nothing; an absence may, since it keeps its person from being asked to stand in."""
    if asked.kind is Amendment.ABSENCE:
        return None
    before, after = _with(asked, rota, overrides)
    if moved(before, after):
        return None
    return Clash("changes_nothing", {}, _those(rota, Span(asked.start, asked.end), overrides))


def _touching(spanned: Span, overrides: Iterable[Override]) -> list[Override]:
    return [one for one in overrides if one.start < spanned.end and one.end > spanned.start]


# The nearest


def _who(who: str, rota: Rota) -> dict[str, object]:
    return {"who": who[:60], "rota": rota.name}


def _meant(name: str, known: Iterable[str]) -> Clash | None:
    lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name[:60].lower(), lower, n=1, cutoff=0.6)
    return Clash("near_name", {"name": lower[near[0]]}) if near else None


def _next(who: str, rota: Rota, start: datetime, overrides: Sequence[Override]) -> Clash | None:
    """The next shift of somebody."""
    mine = held(rota_rule.shifts(rota, start, start + NEXT, overrides), who)
    return Clash("near_shift", {"who": who, "start": mine[0].start, "end": mine[0].end}) if mine else None


def _those(rota: Rota, spanned: Span, overrides: Sequence[Override]) -> Clash | None:
    """Who is on call in that span, or where that is nobody, who takes turns at all."""
    return _names(there(rota, *spanned, overrides)) or _names(rota.persons)


def _names(names: Iterable[str]) -> Clash | None:
    said = ", ".join(names)
    return Clash("near_names", {"names": said}) if said else None


# What moves


def moved(before: Sequence[Shift], after: Sequence[Shift]) -> tuple[Moved, ...]:
    """Everybody whose spans on call differ between two renderings of the same time, in the order of their names."""
    names = {holder.person for shift in (*before, *after) for holder in shift.holders}
    found = []
    for name in sorted(names):
        was, now = held(before, name), held(after, name)
        if was != now:
            ended, begun = (
                tuple(one for one in these if one not in those) for these, those in ((was, now), (now, was))
            )
            found.append(Moved(name, _minus(was, now), _minus(now, was), ended, begun))
    return tuple(found)


def held(shifts: Iterable[Shift], who: str) -> tuple[Span, ...]:
    """The spans in which `who` is on call, in order; adjoining shifts are one."""
    return _joined(shift for shift in shifts if any(holder.person == who for holder in shift.holders))


def _empty(shifts: Iterable[Shift]) -> tuple[Span, ...]:
    return _joined(shift for shift in shifts if not shift.holders)


def _joined(shifts: Iterable[Shift]) -> tuple[Span, ...]:
    found: list[Span] = []
    for shift in shifts:
        begun = found.pop().start if found and found[-1].end == shift.start else shift.start
        found.append(Span(begun, shift.end))
    return tuple(found)


def _minus(these: Iterable[Span], those: Sequence[Span]) -> tuple[Span, ...]:
    """What of `these` none of `those` takes; both in order, without overlap."""
    found: list[Span] = []
    for start, end in these:
        for one in those:
            if one.end <= start or one.start >= end:
                continue
            if one.start > start:
                found.append(Span(start, one.start))
            start = min(end, one.end)
        if start < end:
            found.append(Span(start, end))
    return tuple(found)


def _with(asked: Override, rota: Rota, overrides: Sequence[Override]) -> tuple[list[Shift], list[Shift]]:
    """The shifts of its span without it, and with it."""
    before = rota_rule.shifts(rota, asked.start, asked.end, overrides)
    return before, rota_rule.shifts(rota, asked.start, asked.end, [*overrides, asked])
