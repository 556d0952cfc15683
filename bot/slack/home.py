"""One person's own page: what waits for them, who is on call, what is not well, how they are reached; pure drawing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot import words
from bot.engine import report
from bot.engine.addresses import Reached
from bot.engine.ahead import Ahead
from bot.engine.serious_say import Owed
from bot.model.change import Change
from bot.model.handover import Handover
from bot.model.incident import SEVERITIES, Incident, Phase
from bot.model.paged import Test
from bot.model.people import NotifyStep, Person
from bot.model.postmortem import FollowUp
from bot.model.rota import Shift
from bot.model.served import WayBack
from bot.model.silence import Silence
from bot.model.verb import Verb
from bot.rules import turns
from bot.slack import (
    buttons,
    cards,
    change_card,
    facts,
    handover_card,
    home_duty,
    home_ways,
    lists,
    owed,
    pieces,
    postmortem_card,
    silenced,
)
from bot.slack.buttons import Meant
from bot.slack.change_view import Waiting
from bot.slack.pieces import Json
from bot.words import Words

MOST = 10  #: lines of a section before it says how many more there are
FOLLOW_UPS = 5  #: with their buttons
NEVER = datetime.min.replace(tzinfo=UTC)
EACH = 3  #: incidents named beside a model
URGENCIES = ("high", "low")
Row = tuple[str, bool, str]  #: what is needed, whether it stands, what to do


@dataclass(frozen=True)
class Shown:
    """What one page is drawn from; `person` is None for somebody whom nobody has linked to a person yet."""

    person: Person | None
    overview: report.Overview
    on_call: Sequence[report.OnCall] = ()  #: every rota, theirs first
    urgency: Mapping[str, str] = field(default_factory=dict)  #: by severity; one that is not named is low
    channels: Collection[str] = ()  #: the ways by which pages can be sent at all
    health: Sequence[Row] | None = None  #: None for whoever does not see to the bot itself
    waiting: Waiting | None = None  #: the changes that wait for them, and those they wait for
    reached: Sequence[Reached] = ()  #: how it stands with each of their ways
    tests: Mapping[str, Test] = field(default_factory=dict)  #: the last test of each way
    ahead: Ahead | None = None  #: their next shift, the covers they may take, the gaps they answer for
    handovers: Sequence[Handover] = ()  #: those that wait for them
    follow_ups: Sequence[FollowUp] = ()  #: theirs that are open, what is due first first
    now: datetime = NEVER
    owed: Sequence[Owed] = ()  #: the reports to authorities they would be paged for


def draw(shown: Shown, w: Words) -> list[Json]:
    """The blocks of the page, at most a hundred."""
    overview = shown.overview
    return [
        *_top(shown.person, w),
        *(_approvals(shown.waiting, w) if shown.waiting else ()),
        *owed.page(shown.owed, w),
        *(_handovers(shown.handovers, shown.person, w) if shown.person else ()),
        *(_mine(overview.mine.get(shown.person.name, ()), w) if shown.person else ()),
        *(_changes(w.change.yours_title, shown.waiting.own, w) if shown.waiting else ()),
        *_follow_ups(shown, w),
        *(home_duty.draw(shown.ahead, shown.person, w) if shown.ahead and shown.person else ()),
        *_on_call(shown, w),
        *_degraded(overview.degraded, w),
        *_quiet(overview.snoozed, w),
        *_silences(overview.silences, shown.person is not None, w),
        *_no_way_back(overview.without_way_back, w),
        *(_rules(shown.person, shown, w) if shown.person else ()),
        *(_health(shown.health, w) if shown.health is not None else ()),
    ]


def refused(reason: str) -> list[Json]:
    """The page of somebody who may not ask anything at all."""
    return [pieces.lines([pieces.say(reason, 1000)])]


def _top(person: Person | None, w: Words) -> list[Json]:
    """What can be done from anywhere; whoever nobody knows is offered to link first."""
    labels, looks = w.talk.labels, ("list", "oncall", "help")
    orders = [lists.order(labels[name], name, place) for place, name in enumerate(looks)]
    if person is None:
        link = lists.order(labels["link"], "link", len(looks), style="primary")
        return [pieces.lines([pieces.say(w.talk.menu_stranger)]), pieces.row(link, *orders)]
    declare = pieces.button(labels["declare"], "declare", buttons.encode(Meant("declare")), style="primary")
    return [pieces.row(declare, *orders)]


# --- what is theirs ---


def _mine(found: Sequence[Incident], w: Words) -> list[Json]:
    """What they hold and what waits for them, each with the buttons that fit it."""
    blocks = [pieces.header(w.home.mine_title)]
    for incident in found[:MOST]:
        blocks += [pieces.lines(*_incident(incident, w)), _acts(incident, w)]
    if not found:
        blocks.append(pieces.lines([pieces.say(w.home.mine_none)]))
    return [*blocks, *_rest(len(found), "/incident mine", w)]


def _incident(incident: Incident, w: Words) -> list[list[Json]]:
    about, title = pieces.say(facts.subject(incident), 60), pieces.say(incident.title, 150)
    first = pieces.line(w.home.mine_line, severity=incident.severity.upper(), about=about, title=title)
    state, since = pieces.say(_state(incident, w), 150), pieces.when(incident.opened_at)
    second = pieces.line(w.home.mine_state, state=state, since=since)
    if incident.snoozed_until is not None:
        who = pieces.loud(incident.holder or w.talk.nobody, 80)
        second = pieces.line(w.card.quiet, when=pieces.when(incident.snoozed_until), who=who)
    return [[pieces.loud(incident.id), *first], second]


def _state(incident: Incident, w: Words) -> str:
    if incident.holder and incident.phase is not Phase.TRIGGERED:
        return words.fill(w.talk.held, phase=w.talk.phases[incident.phase.value], who=incident.holder)
    return words.fill(w.talk.waits, tier=incident.tier)


def _acts(incident: Incident, w: Words) -> Json:
    """Acknowledge where it is open to that; More has everything else. Each carries the version it was drawn from."""
    known = {"incident": incident.id, "about": pieces.shorten(facts.subject(incident), 60)}
    labels = {str(Verb.ACKNOWLEDGE): w.card.acknowledge, cards.MORE: w.card.more}
    offered = [verb for verb in cards.offered(incident) if verb in labels]
    drawn = [_act(verb, labels[verb], incident, w) for verb in offered]
    show = lists.order(w.talk.labels["show"], f"show {incident.id}")
    show["accessibility_label"] = pieces.shorten(words.fill(w.home.show_aloud, **known), pieces.ALOUD)
    return pieces.row(*drawn, show)


def _act(verb: str, label: str, incident: Incident, w: Words) -> Json:
    value = buttons.encode(Meant(str(verb), incident.id, incident.version))
    subject = pieces.shorten(facts.subject(incident), 60)
    aloud = words.fill(w.card.read_aloud, label=label, incident=incident.id, subject=subject)
    return pieces.button(label, str(verb), value, style=cards.STYLES.get(verb), aloud=aloud)


def _approvals(waiting: Waiting, w: Words) -> list[Json]:
    """What they may agree to stands above everything: somebody waits for it."""
    return _changes(w.change.approvals_title, waiting.approvals, w)


def _handovers(found: Sequence[Handover], person: Person, w: Words) -> list[Json]:
    """The shifts they take or give away now; nothing where there are none."""
    if not found:
        return []
    rows = [block for at, one in enumerate(found[:MOST]) for block in handover_card.row(one, person.name, 70 + at, w)]
    return [pieces.header(w.handover.home_title), *rows, *_rest(len(found), "/handover", w)]


def _follow_ups(shown: Shown, w: Words) -> list[Json]:
    """What they said they would do after incidents, with its buttons; nothing where there is nothing."""
    if not shown.follow_ups:
        return []
    rows = postmortem_card.mine(shown.follow_ups[:FOLLOW_UPS], shown.now, w, 90)
    rest = len(shown.follow_ups) - FOLLOW_UPS
    more = [pieces.small(words.fill(w.home.and_more, count=rest, command="tocsin follow-up list"))] if rest > 0 else []
    return [pieces.header(w.follow_up.home_title), *rows, *more]


def _changes(title: str, found: Sequence[Change], w: Words) -> list[Json]:
    """Each in a line, with a button that shows its card; nothing where there is none."""
    if not found:
        return []
    shown = found[:MOST]
    lines = [pieces.lines(*(change_card.line(one, w) for one in shown))]
    row = pieces.row(*(lists.order(one.id, f"change {one.id}", place) for place, one in enumerate(shown)))
    return [pieces.header(title), *lines, row, *_rest(len(found), "/approvals", w)]


# --- who is on call ---


def _on_call(shown: Shown, w: Words) -> list[Json]:
    title = pieces.header(w.home.on_call_title)
    if not shown.on_call:
        return [title, pieces.lines([pieces.say(w.talk.no_rota)])]
    rows = [row for one in shown.on_call[:MOST] for row in _rota(one, w)]
    holds = [_holds(shown.person, shown.on_call, w)] if shown.person else []
    return [title, pieces.lines(*holds, *rows), *_rest(len(shown.on_call), "/oncall", w)]


def _holds(person: Person, found: Sequence[report.OnCall], w: Words) -> list[Json]:
    held = [one.rota for one in found if any(holder.name == person.name for holder in one.persons)]
    named = pieces.shorten(", ".join(held), 200)
    return [pieces.loud(words.fill(w.home.holding, rotas=named) if held else w.home.not_holding)]


def _rota(one: report.OnCall, w: Words) -> list[list[Json]]:
    """Who holds it until when, and who after that."""
    who = pieces.named(one.persons, w.card.and_more) if one.persons else [pieces.loud(w.talk.nobody)]
    now = pieces.line(w.talk.until, rota=pieces.loud(one.rota, 80), who=who, until=_end(one.shift, w))
    if one.after is None:
        return [now]
    names = ", ".join(holder.person for holder in one.after.holders) or w.talk.nobody
    return [now, pieces.line(w.talk.then, who=pieces.say(names, 200), until=_end(one.after, w))]


def _end(shift: Shift, w: Words) -> Json:
    return pieces.say(w.home.forever) if shift.end >= turns.LAST else pieces.when(shift.end)


# --- what is not well ---


def _degraded(found: Sequence[report.Degraded], w: Words) -> list[Json]:
    title = pieces.header(w.home.degraded_title)
    if not found:
        return [title, pieces.lines([pieces.say(w.home.degraded_none)])]
    rows = [_model(one, w) for one in found[:MOST]]
    return [title, pieces.lines(*rows), *_rest(len(found), "/incident list", w)]


def _model(one: report.Degraded, w: Words) -> list[Json]:
    each = [
        words.fill(
            w.home.degraded_each,
            incident=incident.id,
            severity=incident.severity.upper(),
            phase=w.talk.phases[incident.phase.value],
        )
        for incident in one.incidents[:EACH]
    ]
    more = len(one.incidents) - EACH
    said = ", ".join(each) + _others(more, w)
    return pieces.line(w.home.degraded_line, model=pieces.loud(one.model, 80), incidents=pieces.say(said))


def _quiet(found: Sequence[Incident], w: Words) -> list[Json]:
    """What is quiet for a while, and until when; nothing where nothing is."""
    if not found:
        return []
    rows = [
        pieces.line(
            w.home.quiet_line,
            incident=pieces.loud(incident.id),
            about=pieces.say(facts.subject(incident), 60),
            who=pieces.say(incident.holder or w.talk.nobody, 80),
            until=pieces.when(incident.snoozed_until or incident.changed_at),
        )
        for incident in found[:MOST]
    ]
    return [pieces.header(w.home.quiet_title), pieces.lines(*rows), *_rest(len(found), "/incident list", w)]


def _silences(found: Sequence[Silence], may: bool, w: Words) -> list[Json]:
    """What is held back, now or later, each with its end; nothing where nothing is."""
    if not found:
        return []
    drawn = silenced.blocks(found[:MOST], w, may=may)
    return [pieces.header(w.home.silences_title), *drawn, *_rest(len(found), "/incident silences", w)]


def _no_way_back(found: Sequence[WayBack], w: Words) -> list[Json]:
    """What could not be rolled back, each with why not; nothing where everything has a way back."""
    if not found:
        return []
    rows = [
        pieces.line(w.home.no_way_back, model=pieces.loud(one.model, 80), why=pieces.say(one.why, 300))
        for one in found[:MOST]
    ]
    more = _rest(len(found), "/models", w)
    return [pieces.header(w.home.no_way_back_title), pieces.lines(*rows), *more, pieces.small(w.home.no_way_back_do)]


# --- how they are reached, and how the bot is ---


def _rules(person: Person, shown: Shown, w: Words) -> list[Json]:
    rows = [_rule(person, urgency, shown, w) for urgency in URGENCIES]
    test = pieces.button(w.home.test, "test", buttons.encode(Meant("test")))
    title = pieces.header(w.home.rules_title)
    ways = home_ways.draw(shown.reached, w, shown.tests)
    return [title, pieces.lines(*rows), *ways, pieces.row(test), pieces.small(w.home.test_hint)]


def _rule(person: Person, urgency: str, shown: Shown, w: Words) -> list[Json]:
    graded = [severity for severity in SEVERITIES if shown.urgency.get(severity, "low") == urgency]
    severities = ", ".join(severity.upper() for severity in graded) or w.home.no_severity
    ways = w.home.then_way.join(_way(step, shown.channels, w) for step in person.ways(urgency))
    name = pieces.loud(w.home.urgency[urgency])
    return pieces.line(w.home.rule, urgency=name, severities=severities, ways=pieces.say(ways, 500))


def _way(step: NotifyStep, channels: Collection[str], w: Words) -> str:
    seconds = int(step.after.total_seconds())
    template, count = (w.home.way_seconds, seconds) if seconds % 60 else (w.home.way_minutes, seconds // 60)
    way = words.fill(template if seconds else w.home.way_now, channel=pieces.shorten(step.channel, 40), count=count)
    return way if step.channel in channels else words.fill(w.home.way_missing, way=way)


def _health(rows: Iterable[Row], w: Words) -> list[Json]:
    """What does not stand, and what to do; one sentence where everything does."""
    title = pieces.header(w.home.health_title)
    wrong = [(what, do) for what, ok, do in rows if not ok]
    if not wrong:
        return [title, pieces.lines([pieces.say(w.home.health_well)])]
    told = [
        pieces.line(w.home.health_line, what=pieces.loud(what, 80), do=pieces.say(do, 300)) for what, do in wrong[:MOST]
    ]
    cut = [pieces.say(words.fill(w.home.health_cut, count=len(wrong) - MOST))] if len(wrong) > MOST else []
    return [title, pieces.lines(*told, cut)]


def _others(count: int, w: Words) -> str:
    return f" {words.fill(w.card.and_others, count=count)}" if count > 0 else ""


def _rest(total: int, command: str, w: Words) -> list[Json]:
    """How many are left out, and how to see them."""
    if total <= MOST:
        return []
    return [pieces.small(words.fill(w.home.and_more, count=total - MOST, command=command))]
