"""Two runs of the same alerts beside each other: whom each pages, when, and by which rules that differs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.playing import Paged, Played
from bot.model.alert import Alert
from bot.model.incident import Incident

_Run = tuple[Played, Mapping[str, Incident]]  # a run, and the incidents of one cause in it


@dataclass(frozen=True, slots=True)
class Side:
    """The figures of one run; `first` is when the first page went out."""

    pages: int = 0
    people: int = 0
    incidents: int = 0
    held: int = 0
    first: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody, or something that went wrong: pages before and after, and when the first went out."""

    name: str
    before: int
    after: int
    first_before: datetime | None
    first_after: datetime | None

    @property
    def same(self) -> bool:
        """Nothing changes for them."""
        return (self.before, self.first_before) == (self.after, self.first_after)


@dataclass(frozen=True, slots=True)
class Cause:
    """Alerts that one of the two puts together, and whom they page; `why` is by which rules that differs."""

    row: Row
    alerts: int
    people_before: tuple[str, ...]
    people_after: tuple[str, ...]
    incidents_before: int
    incidents_after: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Both runs; `causes` holds only what differs, and `unchanged` counts the others that page somebody."""

    before: Side
    after: Side
    people: tuple[Row, ...]
    causes: tuple[Cause, ...]
    unchanged: int


def between(said: Mapping[str, Alert], old: Played, new: Played) -> Difference:
    """What `new` does otherwise than `old`; `said` holds the first word about each problem, in their order."""
    causes = [_cause(problems, said, old, new) for problems in _together(said, old, new)]
    differ = [one for one in causes if not one.row.same or one.people_before != one.people_after]
    differ.sort(key=lambda one: (one.row.after - one.row.before, -one.alerts, one.row.name))
    unchanged = sum(1 for one in causes if one.row.before and one not in differ)
    people = tuple(_people(_fresh(old), _fresh(new)))
    return Difference(_side(old, said), _side(new, said), people, tuple(differ), unchanged)


def _together(said: Mapping[str, Alert], old: Played, new: Played) -> list[list[str]]:
    """The problems in groups: those that one of the two puts into one incident, or one storm, are one cause."""
    runs = (old, new)
    placed = [p for run in runs for p, ids in run.placed.items() if not run.before.issuperset(ids)]
    head = {problem: problem for problem in (*said, *placed)}

    def top(problem: str) -> str:
        while head[problem] != problem:
            head[problem] = head[head[problem]]
            problem = head[problem]
        return problem

    for played in runs:
        first: dict[str, str] = {}
        for problem in head:
            for id_ in played.placed.get(problem, ()):
                if id_ not in played.before:
                    storm = played.incidents[id_].storm
                    head[top(problem)] = top(first.setdefault(storm or id_, problem))
    groups: dict[str, list[str]] = {}
    for problem in head:
        groups.setdefault(top(problem), []).append(problem)
    return list(groups.values())


def _cause(problems: Sequence[str], said: Mapping[str, Alert], old: Played, new: Played) -> Cause:
    was, becomes = (_incidents(played, problems) for played in (old, new))
    before = [page for page in old.pages if page.incident in was]
    after = [page for page in new.pages if page.incident in becomes]
    row = _row(_name(problems, said, (*was.values(), *becomes.values())), before, after)
    why = _why(problems, (old, was), (new, becomes))
    return Cause(row, len(problems), _names(before), _names(after), len(was), len(becomes), why)


def _incidents(played: Played, problems: Iterable[str]) -> dict[str, Incident]:
    """The incidents these problems are in, but for those that stood when it began."""
    ids = dict.fromkeys(id_ for problem in problems for id_ in played.placed.get(problem, ()))
    return {id_: played.incidents[id_] for id_ in ids if id_ not in played.before}


def _name(problems: Iterable[str], said: Mapping[str, Alert], opened: Iterable[Incident]) -> str:
    """What people would call it: the first thing that was said of it."""
    first: Alert | Incident = next((said[each] for each in problems if each in said), None) or next(iter(opened))
    return f"{first.model}: {first.title}" if first.model else first.title


def _why(problems: Sequence[str], old: _Run, new: _Run) -> tuple[str, ...]:
    """By which rules they differ, each once: what holds it now, what held it before, how its incidents are routed."""
    found: dict[str, None] = {}
    for label, (played, _), (other, _) in (("now", new, old), ("before", old, new)):
        for problem in problems:
            known = {(kept.cause, kept.by) for kept in other.held.get(problem, ())}
            for kept in played.held.get(problem, ()):
                if (kept.cause, kept.by) not in known:
                    found[f"{label} held by {kept.by}: {kept.why}"] = None
    for what, was, becomes in zip(("runbook", "severity"), _routes(old[1]), _routes(new[1]), strict=True):
        if was and becomes and was != becomes:
            found[f"{what} {', '.join(was)} -> {', '.join(becomes)}"] = None
    for label, (played, opened), (other, others) in (("now", new, old), ("before", old, new)):
        theirs = [why for id_ in others for why in other.waits.get(id_, ())]
        mine = [why for id_ in opened for why in played.waits.get(id_, ()) if why not in theirs]
        found |= {f"{label} waits: {why}": None for why in mine}
        if any(one.storm for one in opened.values()) and not any(one.storm for one in others.values()):
            found[f"{label} part of a storm, which pages for all of it"] = None
    return tuple(found)


def _routes(opened: Mapping[str, Incident]) -> tuple[list[str], list[str]]:
    return sorted({one.runbook for one in opened.values()}), sorted({one.severity for one in opened.values()})


def _fresh(played: Played) -> list[Paged]:
    return [page for page in played.pages if page.incident not in played.before]


def _side(played: Played, said: Mapping[str, Alert]) -> Side:
    pages = _fresh(played)
    held = sum(1 for problem in said if played.held.get(problem))
    opened = len(set(played.incidents) - played.before)
    return Side(len(pages), len(_names(pages)), opened, held, pages[0].at if pages else None)


def _people(before: Sequence[Paged], after: Sequence[Paged]) -> list[Row]:
    names = sorted({*_names(before), *_names(after)})
    return [_row(name, *([page for page in side if page.person == name] for side in (before, after))) for name in names]


def _row(name: str, before: Sequence[Paged], after: Sequence[Paged]) -> Row:
    firsts = [side[0].at if side else None for side in (before, after)]
    return Row(name, len(before), len(after), *firsts)


def _names(pages: Iterable[Paged]) -> tuple[str, ...]:
    return tuple(sorted({page.person for page in pages}))
