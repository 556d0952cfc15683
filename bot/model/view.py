"""An incident as it stands, with everything that drawings and pages say of it."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.alert import KeptAlert
from bot.model.blast import Blast
from bot.model.change import Lever
from bot.model.change_event import ChangeEvent
from bot.model.checklist import Item
from bot.model.entry import Sealed
from bot.model.freeze import LegalHold
from bot.model.incident import Incident
from bot.model.likeness import Like
from bot.model.page import Page
from bot.model.people import Person
from bot.model.serious import Clock, Duty


@dataclass(frozen=True, slots=True)
class NextStep:
    """What silence leads to: when, which tier, and who it would be as of now."""

    at: datetime
    tier: str
    who: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote into an incident's timeline; the text is theirs, to be shown literally."""

    text: str
    by: str  #: the person who put it there
    at: datetime
    via: str
    author: str | None = None  #: who wrote the message it was taken from: person:NAME or slack:USERID
    message: str | None = None  #: where that message stands, as CHANNEL/TS
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """An incident with everything its drawings need."""

    incident: Incident
    headline: str
    alerts: tuple[KeptAlert, ...]
    pages: tuple[Page, ...]
    runbook_title: str
    owner_team: str | None
    holder: Person | None
    waiting_for: tuple[Person, ...]  #: paged for the step in force, not answered yet
    next_step: NextStep | None
    timeline: tuple[Sealed, ...]
    checklist: tuple[Item, ...] = ()  #: only where asked for
    notes: tuple[Remark, ...] = ()  #: only where asked for, oldest first
    holds: int = 0  #: how many alerts it holds back
    holds_about: tuple[str, ...] = ()  #: what those are about: names of models, else titles
    gathered: tuple[Incident, ...] = ()  #: the first of the incidents that it, a storm, pages for
    gathered_total: int = 0
    calm_until: datetime | None = None  #: when it ends by itself, unless it fires again
    levers: frozenset[Lever] = frozenset()  #: what the platform of its model lets one do to it
    evaluates: bool = False  #: its runbook offers to evaluate its model, which says how that is done
    retrains: bool = False  #: its runbook offers to retrain its model, which can be trained
    hold: LegalHold | None = None  #: the legal hold it is under
    clocks: tuple[tuple[Clock, Duty], ...] = ()  #: reports that a law wants and nobody has made yet, nearest first
    blast: Blast | None = None  #: how far the fault has reached, as last asked
    likes: tuple[Like, ...] = ()  #: past incidents it was found to be like, the most alike first
    changes: tuple[ChangeEvent, ...] = ()  #: what was changed shortly before it opened, newest first
