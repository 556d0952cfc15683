"""Who an event of a calendar puts on call, and the spans that its calendar becomes, which never rewrite the past."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.people import Person
from bot.model.rota import Fixed

REMEMBERED = timedelta(days=400)  #: how long what a calendar said stays known after it is over
_WORD = re.compile(r"[^\W_][\w.@+-]*")


class Directory:
    """Finds persons by what calendars write of them."""

    def __init__(self, persons: Iterable[Person]) -> None:
        """Neither names nor addresses are told apart by their case."""
        self._mails: dict[str, str] = {}
        self._words: dict[str, str] = {}
        for person in persons:
            self._words[person.name.casefold()] = person.name
            if person.email:
                self._mails[person.email.casefold()] = person.name
        self._words |= self._mails

    def of(self, attendees: Sequence[str], organizer: str, summary: str) -> tuple[str, ...]:
        """Everybody who is invited; else whoever the summary names as a whole word; else the organizer; or nobody.

        The organizer comes last: who writes a calendar is often not who holds the pager.
        """
        invited = [self._mails[one] for one in attendees if one in self._mails]
        words = [word.rstrip(".-+@").casefold() for word in _WORD.findall(summary)]
        named = invited or [self._words[word] for word in words if word in self._words]
        return tuple(dict.fromkeys(named or [self._mails[one] for one in (organizer,) if one in self._mails]))


def lived(kept: Sequence[Fixed] | None, read: Iterable[Fixed], now: datetime) -> tuple[Fixed, ...]:
    """The spans in force after a calendar was read at `now`, in order.

    What was until now stays as it was, whatever the calendar says of it today; from now on the calendar counts. One
    that was never read before (`kept` None) is believed about the past, too.
    """
    if kept is None:
        return _joined(read)
    past = (replace(one, end=min(one.end, now)) for one in kept if one.start < now and one.end > now - REMEMBERED)
    ahead = (replace(one, start=max(one.start, now)) for one in read if one.end > now)
    return _joined((*past, *ahead))


def _joined(spans: Iterable[Fixed]) -> tuple[Fixed, ...]:
    """Spans of one person that touch are one."""
    found: dict[str, list[Fixed]] = {}
    for one in sorted(spans, key=lambda span: (span.start, span.end)):
        own = found.setdefault(one.person, [])
        if own and one.start <= own[-1].end:
            own[-1] = replace(own[-1], end=max(own[-1].end, one.end))
        else:
            own.append(one)
    every = (span for own in found.values() for span in own)
    return tuple(sorted(every, key=lambda span: (span.start, span.end, span.person)))
