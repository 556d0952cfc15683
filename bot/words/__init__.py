"""Everything the bot says to people in its chat, in each language it speaks; operators' terminals speak English.

A sentence is a template with `{names}`; the doors fill it in, so that a mention or a date can stand in its middle.
The English words are the defaults of each class, the other languages are instances of the same classes.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.words import (
    answer,
    armed,
    asking,
    attending,
    audit,
    blast,
    by_itself,
    calendars,
    card,
    change,
    confirming,
    drafted,
    drawn,
    explain,
    exporting,
    follow_up,
    forbidding,
    form,
    handing,
    handover,
    heard,
    home,
    insights,
    judged,
    likeness,
    link,
    nudge,
    oncall,
    outcome,
    picture,
    prose,
    retrain,
    reviewing,
    roster,
    serious,
    silence,
    talk,
    tested,
    training,
    trial,
    tried,
    watch,
    way_back,
)
from bot.words.answer import Answer
from bot.words.armed import Armed
from bot.words.asking import Asking
from bot.words.attending import Attending
from bot.words.audit import Audit
from bot.words.blast import Blast
from bot.words.by_itself import ByItself
from bot.words.calendars import Calendars
from bot.words.card import Card
from bot.words.change import Change
from bot.words.confirming import Confirming
from bot.words.drafted import Drafted
from bot.words.drawn import Drawn
from bot.words.explain import Explain
from bot.words.exporting import Exporting
from bot.words.follow_up import FollowUp
from bot.words.forbidding import Forbidding
from bot.words.form import Form
from bot.words.handing import Handing
from bot.words.handover import Handover
from bot.words.heard import Heard
from bot.words.home import Home
from bot.words.insights import Insights
from bot.words.judged import Judged
from bot.words.likeness import Likeness
from bot.words.link import Link
from bot.words.nudge import Nudge
from bot.words.oncall import OnCall
from bot.words.outcome import Outcome
from bot.words.picture import Picture
from bot.words.prose import Prose
from bot.words.retrain import Retrain
from bot.words.reviewing import Reviewing
from bot.words.roster import Roster
from bot.words.serious import Serious
from bot.words.silence import Silence
from bot.words.talk import Talk
from bot.words.tested import Tested
from bot.words.training import Training
from bot.words.trial import Trial
from bot.words.tried import Tried
from bot.words.watch import Watch
from bot.words.way_back import Ways


@dataclass(frozen=True)
class Words:
    """One language."""

    language: str = "en"
    card: Card = field(default_factory=Card)
    answer: Answer = field(default_factory=Answer)
    form: Form = field(default_factory=Form)
    home: Home = field(default_factory=Home)
    talk: Talk = field(default_factory=Talk)
    link: Link = field(default_factory=Link)
    silence: Silence = field(default_factory=Silence)
    nudge: Nudge = field(default_factory=Nudge)
    explain: Explain = field(default_factory=Explain)
    forbidding: Forbidding = field(default_factory=Forbidding)
    asking: Asking = field(default_factory=Asking)
    attending: Attending = field(default_factory=Attending)
    tested: Tested = field(default_factory=Tested)
    blast: Blast = field(default_factory=Blast)
    likeness: Likeness = field(default_factory=Likeness)
    insights: Insights = field(default_factory=Insights)
    way_back: Ways = field(default_factory=Ways)
    oncall: OnCall = field(default_factory=OnCall)
    outcome: Outcome = field(default_factory=Outcome)
    change: Change = field(default_factory=Change)
    trial: Trial = field(default_factory=Trial)
    tried: Tried = field(default_factory=Tried)
    watch: Watch = field(default_factory=Watch)
    retrain: Retrain = field(default_factory=Retrain)
    training: Training = field(default_factory=Training)
    judged: Judged = field(default_factory=Judged)
    by_itself: ByItself = field(default_factory=ByItself)
    calendars: Calendars = field(default_factory=Calendars)
    armed: Armed = field(default_factory=Armed)
    roster: Roster = field(default_factory=Roster)
    picture: Picture = field(default_factory=Picture)
    drawn: Drawn = field(default_factory=Drawn)
    handing: Handing = field(default_factory=Handing)
    handover: Handover = field(default_factory=Handover)
    heard: Heard = field(default_factory=Heard)
    confirming: Confirming = field(default_factory=Confirming)
    follow_up: FollowUp = field(default_factory=FollowUp)
    prose: Prose = field(default_factory=Prose)
    reviewing: Reviewing = field(default_factory=Reviewing)
    drafted: Drafted = field(default_factory=Drafted)
    serious: Serious = field(default_factory=Serious)
    exporting: Exporting = field(default_factory=Exporting)
    audit: Audit = field(default_factory=Audit)


ENGLISH = Words()
TURKISH = Words(
    "tr",
    card.TURKISH,
    answer.TURKISH,
    form.TURKISH,
    home.TURKISH,
    talk.TURKISH,
    link.TURKISH,
    silence.TURKISH,
    nudge.TURKISH,
    explain.TURKISH,
    forbidding=forbidding.TURKISH,
    asking=asking.TURKISH,
    attending=attending.TURKISH,
    tested=tested.TURKISH,
    blast=blast.TURKISH,
    likeness=likeness.TURKISH,
    insights=insights.TURKISH,
    way_back=way_back.TURKISH,
    oncall=oncall.TURKISH,
    outcome=outcome.TURKISH,
    change=change.TURKISH,
    trial=trial.TURKISH,
    tried=tried.TURKISH,
    watch=watch.TURKISH,
    retrain=retrain.TURKISH,
    training=training.TURKISH,
    judged=judged.TURKISH,
    by_itself=by_itself.TURKISH,
    calendars=calendars.TURKISH,
    armed=armed.TURKISH,
    roster=roster.TURKISH,
    picture=picture.TURKISH,
    drawn=drawn.TURKISH,
    handing=handing.TURKISH,
    handover=handover.TURKISH,
    heard=heard.TURKISH,
    confirming=confirming.TURKISH,
    follow_up=follow_up.TURKISH,
    prose=prose.TURKISH,
    reviewing=reviewing.TURKISH,
    drafted=drafted.TURKISH,
    serious=serious.TURKISH,
    exporting=exporting.TURKISH,
    audit=audit.TURKISH,
)
LANGUAGES: Mapping[str, Words] = {words.language: words for words in (ENGLISH, TURKISH)}


def of(language: str | None) -> Words:
    """The words of `language` (`tr`, or a locale such as `tr-TR`); English where we do not speak it."""
    return LANGUAGES.get((language or "").replace("_", "-").partition("-")[0].lower(), ENGLISH)


def step(said: Words, lever: str, name: str) -> str:
    """How far a change has come, as its lever calls it."""
    own = said.retrain.steps if lever == "retrain" else {}
    return own.get(name) or said.change.steps.get(name, name)


def fill(template: str, **parts: object) -> str:
    """The template with its names filled in; KeyError when one is missing."""
    return "".join(text + (str(parts[name]) if name is not None else "") for text, name in split(template))


def split(template: str) -> list[tuple[str, str | None]]:
    """`Held by {who} ({tier})` as [("Held by ", "who"), (" (", "tier"), (")", None)]."""
    return [(text, name) for text, name, _, _ in string.Formatter().parse(template)]
