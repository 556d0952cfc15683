"""Whether a model can be rolled back now, to what, and if not, what stands in the way.

What counts as good is what a proposal goes by (`rules.target`), so that nobody is promised a way that is not offered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import words
from bot.model.change import Lever, Serving
from bot.model.served import Version, WayBack
from bot.rules import target, written
from bot.rules.target import HISTORY, Known, Target
from bot.words.way_back import Ways

NAMED, NAME, REASON = 5, 80, 300  # versions to choose from; characters of a name and of a reason of the platform


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a model found; `trouble` says why nothing could be asked, `refusal` what the platform said."""

    levers: frozenset[Lever] = frozenset()
    known: Known | None = None
    trouble: str = ""
    silent: bool = False  #: it did not answer at all, which may pass
    refusal: str = ""  #: why the platform would not take the rollback, when it was asked without doing it
    rehearsed_at: datetime | None = None  #: when a rollback was last seen to serve

    @property
    def serving(self) -> Serving | None:
        """What serves now, by the platform itself."""
        return self.known.before if self.known else None

    @property
    def versions(self) -> Sequence[Version]:
        """What could serve, the newest first."""
        return self.known.versions if self.known else ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The question: which model, how long something must have served to be known as good, when, in which words."""

    model: str
    good_after: timedelta
    at: datetime
    say: Ways


def way_back(asked: Asked, look: Look) -> WayBack:
    """The answer; `to` is the last known good version wherever one is known, even where nothing leads to it now."""
    known, say = look.known, asked.say
    if look.trouble or known is None:
        return _none(asked, look, look.trouble or say.no_platform)
    if Lever.ROLLBACK not in look.levers:
        return _none(asked, look, say.not_offered)
    found = target.last_good(known, asked.good_after, asked.at)
    if found is None:
        lost, why = _why_none(asked, known)
        return replace(_none(asked, look, why), to=lost)
    why = (
        words.fill(say.refused, why=written.line(look.refusal, REASON))
        if look.refusal
        else _how_known(asked, found, known)
    )
    return WayBack(asked.model, not look.refusal, _spelled(say, found.split), why, asked.at, look.rehearsed_at)


def _none(asked: Asked, look: Look, why: str) -> WayBack:
    return WayBack(asked.model, False, None, why, asked.at, look.rehearsed_at)


def _how_known(asked: Asked, found: Target, known: Known) -> str:
    say, end = asked.say, found.until
    if kept := found.kept:
        named = {"change": kept.change, "promoted": written.line(kept.version, NAME)}
        named |= {"version": _spelled(say, found.split)}
        if kept.until is None:
            return words.fill(say.by_wrong, **named)
        return words.fill(say.by_kept, until=f"{kept.until:%Y-%m-%d %H:%M} UTC", **named)
    open_end = say.till_now if set(found.split) & set(known.before.split) else say.till_moved
    until = f"{end:%Y-%m-%d %H:%M} UTC" if end else open_end
    if found.well:
        return words.fill(say.by_watch, version=_spelled(say, found.split), until=until)
    span = _long((end or asked.at) - (found.since or asked.at))
    template = say.by_history if found.source == HISTORY else say.by_ledger
    return words.fill(template, version=_spelled(say, found.split), span=span, until=until)


def _why_none(asked: Asked, known: Known) -> tuple[str | None, str]:
    """What was good once and cannot serve any more, and the first reason that a person could do something about."""
    say, now, others = asked.say, known.before, target.choices(known)
    version, span = _spelled(say, now.split), _long(asked.good_after)
    lost, why = _lost(asked, known)
    if lost is None and now.paused:
        why = say.paused
    elif lost is None and not others and known.whole:
        broken = next((one for one in known.versions if not one.usable and one.id not in now.split), None)
        why = _unusable(say, say.unusable_other, broken) if broken else words.fill(say.only, version=version)
    elif lost is None:
        why = words.fill(say.shared if len(now.split) > 1 else say.none_good, version=version, span=span)
    if others:
        named = ", ".join(written.line(one.id, NAME) for one in others[:NAMED])
        why = f"{why} {words.fill(say.pick, versions=named)}"
    return lost, why


def _lost(asked: Asked, known: Known) -> tuple[str | None, str]:
    """The newest that was good and is not there any more, and why; None where there is no such thing."""
    listed = {one.id: one for one in known.versions}
    best = target.last_good(replace(known, versions=(), whole=False), asked.good_after, asked.at)
    for version in best.split if best else ():
        one = listed.get(version)
        if one is None:
            return version, words.fill(asked.say.gone, version=written.line(version, NAME))
        if not one.usable:
            return version, _unusable(asked.say, asked.say.unusable, one)
    return None, ""


def _unusable(say: Ways, template: str, version: Version) -> str:
    why = written.line(version.why_not, REASON) or say.no_reason
    return words.fill(template, version=written.line(version.id, NAME), why=why)


def _spelled(say: Ways, split: Iterable[str]) -> str:
    """`6`, or `6 and 7` where the traffic is shared."""
    *first, last = [written.line(version, NAME) for version in split] or [say.nothing]
    return words.fill(say.join, one=", ".join(first), other=last) if first else last


def _long(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.0f} h" if hours >= 1 else f"{hours * 60:.0f} min"
