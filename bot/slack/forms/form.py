"""What a form is: what it starts from, what it shows, what it asks, and what comes of it when it is sent."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime

from bot.engine.declare import Preview
from bot.engine.desk import Desk
from bot.engine.explain import Explanation
from bot.engine.hits import Hits
from bot.engine.postmortem_sheet import Sheet
from bot.model.entry import Sealed
from bot.model.incident import Incident
from bot.model.matcher import Matcher
from bot.model.people import NotifyStep, Person
from bot.model.serious import Clock, Duty, Regime
from bot.model.verb import Verb
from bot.slack.forms.outlook import Outlook
from bot.slack.forms.prospect import Prospect
from bot.slack.identity import Caller
from bot.slack.pieces import Json
from bot.slack.talk import Talk
from bot.words import Words

Filled = Mapping[str, str]  #: what stands in the fields, by the name of the field
#: What stands in the fields, so that a form need not carry it.
_TYPED = frozenset(
    {
        "text",
        "details",
        "target",
        "model",
        "severity",
        "into",
        "matchers",
        "starts",
        "ends",
        "boxes",
        "split",
        "window",
        "rota",
        "person",
        "return_starts",
        "return_ends",
    }
)
CARRIED, BUTTON = 3_000, 1_800  #: characters Slack takes in private_metadata; of a button's value that are a seed's


@dataclass(frozen=True, slots=True)
class Seed:
    """What is known before a form is filled in; `text` goes into the field for words, the others into their own."""

    incident: str = ""
    seen_version: int | None = None
    text: str = ""
    details: str = ""
    target: str = ""  #: person:NAME, team:NAME or rota:NAME
    model: str = ""
    severity: str = ""
    into: str = ""  #: the incident that goes on after a merge
    channel: str = ""  #: of the message it was opened from
    message: str = ""  #: the ts of that message
    author: str = ""  #: the Slack user who wrote it
    matchers: str = ""  #: one a line
    starts: str = ""  #: a moment
    ends: str = ""  #: a moment, or a length of time
    boxes: str = ""  #: those that are ticked, with commas between
    of: str = ""  #: the model whose `version` that is
    version: str = ""
    split: str = ""  #: a version and its percent a line
    window: str = ""  #: how much data is learnt from, as 30d
    undoes: str = ""  #: the change that is taken back
    plan: str = ""  #: the digest of the plan that is shown
    good: str = ""  #: the last known good version of the model that is chosen
    rota: str = ""
    person: str = ""
    return_starts: str = ""  #: of the shift that is taken in return, a moment
    return_ends: str = ""
    handover: str = ""  #: HND-<number>
    postmortem: str = ""  #: PM-<number>
    follow_up: str = ""  #: FU-<number>
    seen: str = ""  #: of a document: what its passages were, as `bot.slack.forms.passages` writes it
    address: str = ""  #: the kind of address that is confirmed: phone, email or push

    def pack(self, language: str) -> str:
        """As private_metadata: ids only, since the words stand in the fields."""
        kept = {name: value for name, value in asdict(self).items() if value not in ("", None) and name not in _TYPED}
        packed = json.dumps(kept | {"language": language}, ensure_ascii=False)
        return packed if len(packed) <= CARRIED else "{}"

    def card(self, form: str) -> str:
        """As the detail of a button that opens `form`; words that are too long for one are left out, longest first."""
        kept = {"form": form} | {n: v for n, v in asdict(self).items() if v and n not in ("incident", "seen_version")}
        while len(packed := json.dumps(kept, ensure_ascii=False)) > BUTTON:
            del kept[max((name for name in kept if name != "form"), key=lambda name: len(str(kept[name])))]
        return packed

    @classmethod
    def unpack(cls, packed: object) -> "tuple[Seed, str]":
        """The seed and the language of a form that comes back; an empty seed for what we did not write."""
        return cls._read(packed, "language")

    @classmethod
    def uncard(cls, detail: str) -> "tuple[Seed, str]":
        """The seed in the detail of a button, and the form it opens."""
        return cls._read(detail, "form")

    @classmethod
    def _read(cls, packed: object, besides: str) -> "tuple[Seed, str]":
        try:
            read = json.loads(packed) if isinstance(packed, str) and packed else {}
        except ValueError:
            read = {}
        read = read if isinstance(read, dict) else {}
        words = {name: said for name, said in read.items() if isinstance(said, str)}
        known = {one.name: words[one.name] for one in fields(cls) if one.name in words and one.name != "seen_version"}
        seen = read.get("seen_version")
        return cls(**known, seen_version=seen if type(seen) is int else None), words.get(besides, "")


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who would be paged, and the ways that are tried, each with how long after."""

    person: Person
    ways: tuple[NotifyStep, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What was read so that a form can say what it will do; a form reads only what it shows."""

    incident: Incident | None = None
    headline: str = ""
    holder: Person | None = None
    reached: tuple[Reached, ...] = ()  #: who would be paged, or who comes after a silence
    why: str = ""  #: why those are reached, or why nobody is
    tier: str = ""  #: the tier they are paged as
    due: bool = False  #: whether they are paged at once
    zone: str = "UTC"  #: where the caller's mornings are
    preview: Preview | None = None
    open: tuple[Incident, ...] = ()  #: those to choose from
    allowed: frozenset[Verb] = frozenset()
    told: Explanation | None = None
    timeline: tuple[Sealed, ...] = ()
    matchers: tuple[Matcher, ...] = ()  #: of a silence that fits the incident
    hits: Hits | None = None  #: what that silence would hit
    starts_at: datetime | None = None  #: of that silence; None for at once
    ends_at: datetime | None = None
    outlook: Outlook | None = None  #: of a change of production
    prospect: Prospect | None = None  #: of a change of a rota
    regimes: tuple[Regime, ...] = ()  #: the laws under which an incident may be serious
    owed: tuple[tuple[Clock, Duty], ...] = ()  #: the reports that are owed for the incident
    marks: bool = False  #: whether the caller may mark it as serious
    plan: str | None = None  #: the digest of the plan that is shown; None: the form shows none
    good: str = ""  #: the last known good version it shows
    sheet: Sheet | None = None  #: a postmortem as it is
    seen: str = ""  #: what its passages are

    def sown(self, seed: Seed) -> Seed:
        """The seed that the form carries on from what it shows."""
        seed = replace(seed, seen=self.seen) if self.seen else seed
        return seed if self.plan is None else replace(seed, plan=self.plan, good=self.good)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was not taken, and which field is meant; on top when none is."""

    sentence: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All a form is drawn from; without `known` it is shown while that is still being read."""

    seed: Seed
    filled: Filled
    known: Known | None
    now: datetime
    w: Words
    problem: Problem | None = None
    unread: str = ""  #: why nothing could be read

    @property
    def incident(self) -> str:
        """The incident it is about: the one it was opened for, or the one that is chosen in it."""
        return self.seed.incident or self.filled.get("incident", "")


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody works with a form: reads for it, or sends it."""

    talk: Talk
    caller: Caller
    seed: Seed
    filled: Filled
    key: str = ""  #: the same however often the form is sent

    @property
    def incident(self) -> str:
        """The incident it is about: the one it was opened for, or the one that is chosen in it."""
        return self.seed.incident or self.filled.get("incident", "")

    @property
    def desk(self) -> Desk:
        """The desk it is carried to."""
        return self.talk.desk

    @property
    def now(self) -> datetime:
        """The present."""
        return self.talk.desk.clock.now()


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; each line is shown to whoever sent the form."""

    lines: tuple[list[Json], ...]

    @property
    def sentence(self) -> str:
        """The first line as plain words."""
        return "".join(str(span.get("text", "")) for line in self.lines[:1] for span in line)


@dataclass(frozen=True, slots=True)
class Again:
    """It was not done; the form is drawn again with all that was typed."""

    problem: Problem
    seen_version: int | None = None  #: what they will have seen then


async def _nothing(errand: Errand) -> Known:
    return Known()


def _clean(filled: Filled, w: Words) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Form:
    """One form. `title` and `submit` name words of `bot.words.form`; without `send` it is only for reading."""

    name: str
    title: str
    draw: Callable[[Scene], list[Json]]  #: its blocks; pure
    submit: str = ""
    load: Callable[[Errand], Awaitable[Known]] = _nothing
    check: Callable[[Filled, Words], dict[str, str]] = _clean  #: field -> what is wrong with it; pure
    send: Callable[[Errand], Awaitable[Done | Again]] | None = None
    words_in: str = ""  #: the field a seed's text goes to
    typed: str = ""  #: the command that does the same
    asks: tuple[str, ...] = field(default=())  #: the seed's other parts that are fields

    def first(self, seed: Seed) -> dict[str, str]:
        """What stands in the fields before anybody has touched them."""
        filled = {name: str(getattr(seed, name)) for name in self.asks}
        if self.words_in:
            filled[self.words_in] = seed.text
        return {name: value for name, value in filled.items() if value}
