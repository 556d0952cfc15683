"""Drawings of incidents and pages: pure functions from what is known to what Slack shows, never a place of truth."""

from collections.abc import Sequence
from datetime import datetime

from bot import words
from bot.engine import attend, declare
from bot.model.change import Lever
from bot.model.incident import ENDED, FALSE_ALARM, MERGED, Incident, Phase
from bot.model.page import Page, PageState
from bot.model.verb import Verb
from bot.model.view import View
from bot.rules import escalation
from bot.slack import buttons, facts, owed, pieces, reached
from bot.slack.facts import subject as subject
from bot.slack.pieces import Json, Message
from bot.words import Words

TOLD = 10  #: how many of the newest entries of the log a drawing wants to know
MORE = "more"  #: the form behind the button More
ROLLBACK = Lever.ROLLBACK.value  #: the form behind the button Roll back
RETRAIN = Lever.RETRAIN.value  #: the form behind the button Retrain
EVALUATE = "evaluate"  #: what the button Evaluate means
POSTMORTEM = "postmortem"  #: what the button Postmortem means
REPORTED = "reported"  #: the form behind the button Report made
_HELD = (Verb.RESOLVE, Verb.HAND_OVER, Verb.SNOOZE, Verb.ESCALATE, Verb.FALSE_ALARM, MORE)
#: Which buttons stand on a card of this phase: verbs, and forms by their names.
OFFERED: dict[Phase, tuple[str, ...]] = {
    Phase.TRIGGERED: (
        Verb.ACKNOWLEDGE,
        Verb.ESCALATE,
        Verb.HAND_OVER,
        Verb.SNOOZE,
        Verb.RESOLVE,
        Verb.FALSE_ALARM,
        MORE,
    ),
    Phase.ACKNOWLEDGED: _HELD,
    Phase.MITIGATED: _HELD,
    Phase.RESOLVED: (MORE,),
}
ON_A_PAGE: tuple[str, ...] = (Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.HAND_OVER, Verb.SNOOZE)
BESIDE = 8  #: of the incidents one page tells of besides its own, how many stand there with a button
TO_JOIN: tuple[str, ...] = (Verb.ACKNOWLEDGE,)
STYLES: dict[str, str] = {Verb.ACKNOWLEDGE: "primary", Verb.ESCALATE: "danger"}
_ENDED_BY = ("incident.resolved", "incident.merged")


def incident_card(view: View, now: datetime, w: Words, *, own: str = "") -> Message:
    """The living message of an incident: six lines, then the buttons of its phase; `own` is its channel's id."""
    incident = view.incident
    holding = [*_holding(view, w), *_given_back(view, w)]
    if own:
        holding += pieces.line(w.card.channel, channel=pieces.channel(own))
    blocks = [
        pieces.header(f"{facts.state(incident, w)} · {facts.title(incident)}"),
        pieces.lines([pieces.loud(facts.wrong(view, w))], _since(view, w), holding, _next(view, now, w)),
        *_gathered(view, w),
        *_changed(view, w),
        *reached.lines(view, w),
        *owed.lines(view, now, w),
        pieces.small(f"{incident.id} · {_runbook(view, w)} · {incident.why}"),
    ]
    return Message(
        facts.push(view, w), (*blocks, *_buttons(incident, [*offered(incident, _levers(view)), *_report(view)], w))
    )


def offered(incident: Incident, levers: Sequence[str] = ()) -> list[str]:
    """The verbs and forms that fit the incident now; `levers` are what can be done to its model, behind the first."""
    free = incident.open and bool(incident.snoozed_until or incident.held_elsewhere)
    possible = _possible(incident, OFFERED[incident.phase])
    possible[1:1] = levers if incident.open else ()
    written = [POSTMORTEM] if not incident.open and incident.resolution not in (MERGED, FALSE_ALARM) else []
    return [*([Verb.ACKNOWLEDGE] if free else []), *written, *possible]


def _report(view: View) -> list[str]:
    """Where a law wants a report, it can be said to be made, of a resolved incident, too."""
    return [REPORTED] if view.clocks else []


def _levers(view: View) -> list[str]:
    """What its card offers to do to its model: what its platform lets one do, and its runbook."""
    both = [*([ROLLBACK] if Lever.ROLLBACK in view.levers else []), *([EVALUATE] if view.evaluates else [])]
    return [*both, *([RETRAIN] if view.retrains else [])]


def page_dm(view: View, page: Page, now: datetime, w: Words, also: Sequence[View] = ()) -> Message:
    """What one paged person reads; once it is answered, by whom and when instead of buttons.

    `also` are further incidents that one message tells of, each with its own page.
    """
    message = _page_dm(view, page, now, w)
    if not also:
        return message
    *blocks, small = message.blocks
    return Message(message.text, (*blocks, *_besides(also, w), small))


def _page_dm(view: View, page: Page, now: datetime, w: Words) -> Message:
    incident = view.incident
    why = w.card.joining if page.asked else w.card.paged
    blocks = [
        pieces.header(f"{facts.state(incident, w)} · {facts.title(incident)}"),
        pieces.lines(
            [pieces.loud(facts.wrong(view, w))],
            _since(view, w),
            pieces.line(why, tier=_tier(page.tier, w), why=page.why),
        ),
    ]
    if _settled(incident, page):
        blocks.append(pieces.lines(_answered(view, page, w)))
        small = pieces.small(f"{incident.id} · {w.card.nothing_more}")
        return Message(facts.push(view, w), (*blocks, small))
    small = pieces.small(f"{incident.id} · {_runbook(view, w)}")
    if page.asked:
        blocks += [pieces.lines(_holding(view, w)), *_buttons(incident, TO_JOIN, w)]
        return Message(facts.push(view, w, joining=True), (*blocks, small))
    possible = _possible(incident, ON_A_PAGE) + ([ROLLBACK] if Lever.ROLLBACK in view.levers else [])
    blocks += [pieces.lines(_next(view, now, w)), *_buttons(incident, possible, w)]
    return Message(facts.push(view, w), (*blocks, small))


def notice(text: str, below: Sequence[str] = ()) -> Message:
    """A plain sentence of the bot's own, and lines below it; what they quote is shown literally."""
    lines = [[pieces.say(each)] for each in below]
    return Message(pieces.push(text), (pieces.lines([pieces.say(text, 2000)], *lines),))


# --- the lines ---


def _since(view: View, w: Words) -> list[Json]:
    incident, card = view.incident, w.card
    kept = facts.first(view.alerts)
    if incident.alerts_total == 0:
        counted = card.went if incident.merged_into else card.no_alert
    elif kept and kept.alert.source == declare.SOURCE and incident.alerts_total == 1:
        counted = card.by_hand
    elif incident.alerts_total == 1:
        counted = card.one_firing if incident.alerts_firing else card.one_silent
    else:
        counted = words.fill(card.many, firing=incident.alerts_firing, total=incident.alerts_total)
    counted += words.fill(card.repeats, count=facts.about(incident.repeats)) if incident.repeats else ""
    if view.holds:
        counted += words.fill(card.holds_back, count=view.holds, about=facts.behind(view, w))
    place = incident.environment
    where = words.fill(card.where, environment=pieces.shorten(place, 60)) if place else ""
    return pieces.line(card.since, when=pieces.when(incident.opened_at), where=where, counted=counted)


def _holding(view: View, w: Words) -> list[Json]:
    incident, card = view.incident, w.card
    if incident.phase is Phase.RESOLVED:
        return _resolved(view, w)
    if incident.holder:
        return pieces.line(card.held, who=_holder(view), tier=incident.tier)
    if incident.storm:
        return pieces.line(card.under_storm, storm=pieces.loud(incident.storm))
    if incident.waits and (incident.step == 0 or not view.waiting_for):
        return pieces.line(card.waits, why=incident.waits)
    tier = card.fallback if incident.exhausted else _tier(incident.tier, w)
    if view.waiting_for:
        put_off = pieces.line(card.put_off, why=incident.waits) if incident.waits else []
        return [*pieces.line(card.waiting, tier=tier, who=pieces.named(view.waiting_for, card.and_more)), *put_off]
    return pieces.line(card.unreached, tier=incident.tier)


def _given_back(view: View, w: Words) -> list[Json]:
    """Why whoever held it holds it no more, until somebody takes it."""
    told = facts.entry(view, attend.GIVEN_BACK, "incident.acknowledged", "incident.handed_over")
    if view.incident.phase is not Phase.TRIGGERED or told is None or told.kind != attend.GIVEN_BACK:
        return []
    return [pieces.say(" "), *pieces.line(w.attending.given_back, why=pieces.say(told.why, 300))]


def _holder(view: View) -> Json:
    return pieces.who(view.holder) if view.holder else pieces.loud(view.incident.holder or "", 80)


def _resolved(view: View, w: Words) -> list[Json]:
    """How it ended, who said so, and why."""
    incident, card = view.incident, w.card
    told = facts.entry(view, *_ENDED_BY)
    by, when = facts.actor(told) or incident.ended_by, pieces.when(incident.resolved_at or incident.changed_at)
    who = pieces.loud(by or card.tocsin, 80)
    why = pieces.line(card.because, why=pieces.say(told.why, 200)) if by and told and told.why else []
    if incident.resolution == MERGED:
        return [*pieces.line(card.merged_by, incident=incident.merged_into or "", when=when, who=who), *why]
    if incident.resolution == FALSE_ALARM:
        return [*pieces.line(card.false_by, when=when, who=who), *why]
    if incident.resolution == ENDED or (by is None and not incident.resolution):
        unpaged = pieces.line(card.unpaged, why=incident.waits) if incident.waits and incident.step == 0 else []
        return [*pieces.line(card.ended, when=when), *unpaged]
    if by is None:  # what was written since has pushed the entry out of sight
        return pieces.line(card.closed, when=when)
    return [*pieces.line(card.closed_by, when=when, who=who), *why]


def _next(view: View, now: datetime, w: Words) -> list[Json]:
    incident, step, card = view.incident, view.next_step, w.card
    if incident.phase is Phase.RESOLVED:
        return []
    if incident.snoozed_until and incident.phase is not Phase.TRIGGERED:
        return pieces.line(card.quiet, when=pieces.when(incident.snoozed_until), who=_holder(view))
    if incident.calm_since and view.calm_until:
        return pieces.line(card.calm, since=pieces.when(incident.calm_since), until=pieces.when(view.calm_until))
    if incident.phase is not Phase.TRIGGERED:
        return [pieces.say(card.stopped)]
    if incident.storm:
        return []
    if step is None:
        return [pieces.loud(card.exhausted if incident.exhausted else card.no_step)]
    whom = words.fill(card.whom, tier=_tier(step.tier, w), who=pieces.shorten(step.who, 200))
    if step.at <= now:
        return pieces.line(card.next_now, whom=whom)
    return pieces.line(card.next_at, when=pieces.when(step.at), whom=whom)


def _gathered(view: View, w: Words) -> list[Json]:
    """What a storm pages for: the first of them, a line each, and how many more there are."""
    if not view.gathered:
        return []
    lines = [[pieces.say(facts.gathered(incident, w))] for incident in view.gathered]
    if more := view.gathered_total - len(lines):
        lines.append([pieces.say(words.fill(w.card.and_others, count=more))])
    return [pieces.lines(*lines)]


def _changed(view: View, w: Words) -> list[Json]:
    """What was changed before it opened, a line each; somebody else's words, shown literally."""
    lines = [pieces.line(w.card.changed, when=pieces.when(one.at), what=facts.changed(one)) for one in view.changes]
    return [pieces.lines(*lines)] if lines else []


def _tier(name: str, w: Words) -> str:
    return w.card.fallback if name == escalation.FALLBACK else pieces.shorten(name, 60)


def _runbook(view: View, w: Words) -> str:
    return pieces.shorten(view.runbook_title, 100) or w.card.no_runbook


def _settled(incident: Incident, page: Page) -> bool:
    """Nothing more is asked of the person; whoever was asked to join still is while somebody else holds it."""
    if not incident.open or page.state in (PageState.ANSWERED, PageState.MOOT):
        return True
    return incident.phase is not Phase.TRIGGERED and not page.asked


def _answered(view: View, page: Page, w: Words) -> list[Json]:
    incident = view.incident
    if incident.phase is Phase.RESOLVED:
        return _resolved(view, w)
    if page.state is PageState.ANSWERED:
        when = pieces.when(page.answered_at or incident.changed_at)
        return pieces.line(w.card.answered, who=pieces.loud(page.person, 80), when=when)
    if incident.holder is None:
        return _holding(view, w)
    times = [sheet.answered_at for sheet in view.pages if sheet.answered_at and sheet.person == incident.holder]
    when = pieces.when(max(times, default=incident.changed_at))
    return pieces.line(w.card.answered, who=_holder(view), when=when)


def _besides(also: Sequence[View], w: Words) -> list[Json]:
    """A line and a button for each, the gravest first; what is over has none."""
    drawn = [pieces.lines(pieces.line(w.card.besides, count=len(also)))]
    for view in also[:BESIDE]:
        over = all(_settled(view.incident, sheet) for sheet in view.pages)
        said = w.card.beside_over if over else w.card.beside
        drawn.append(pieces.lines(pieces.line(said, incident=view.incident.id, what=view.headline)))
        drawn += [] if over else _buttons(view.incident, [Verb.ACKNOWLEDGE], w)
    if more := len(also) - BESIDE:
        drawn += [pieces.lines(pieces.line(w.card.besides_more, count=more))] if more > 0 else []
    return drawn


# --- the buttons ---


def _possible(incident: Incident, wanted: Sequence[str]) -> list[str]:
    return [verb for verb in wanted if not (verb == Verb.ESCALATE and incident.exhausted)]


def _buttons(incident: Incident, wanted: Sequence[str], w: Words) -> list[Json]:
    return [pieces.row(*(_button(verb, incident, w) for verb in wanted))] if wanted else []


def acts(incident: Incident, wanted: Sequence[str], w: Words) -> list[Json]:
    """The buttons of these verbs, as they stand on its card, where they can do anything."""
    return [_button(verb, incident, w) for verb in _possible(incident, wanted)]


def _button(verb: str, incident: Incident, w: Words) -> Json:
    card = w.card
    labels: dict[str, str] = {
        Verb.ACKNOWLEDGE: card.acknowledge,
        Verb.ESCALATE: card.escalate,
        Verb.HAND_OVER: card.hand_over,
        Verb.SNOOZE: card.snooze,
        Verb.RESOLVE: card.resolve,
        Verb.FALSE_ALARM: card.wrong,
        ROLLBACK: w.talk.labels[ROLLBACK],
        EVALUATE: w.talk.labels[EVALUATE],
        RETRAIN: w.talk.labels[RETRAIN],
        POSTMORTEM: w.reviewing.open,
        REPORTED: w.talk.labels[REPORTED],
    }
    label = labels.get(verb, card.more)
    value = buttons.encode(buttons.Meant(str(verb), incident.id, incident.version))
    known = {"incident": incident.id, "subject": pieces.shorten(subject(incident), 60)}
    aloud = words.fill(card.read_aloud, label=label, **known)
    style = STYLES.get(verb)
    return pieces.button(label, str(verb), value, style=style, confirm=_asked(verb, label, known, w), aloud=aloud)


def _asked(verb: str, label: str, known: dict[str, str], w: Words) -> Json | None:
    """What is asked before a press counts, for what cannot be taken back."""
    card = w.card
    told = {
        Verb.ESCALATE: (card.escalate_title, card.escalate_asked),
        Verb.RESOLVE: (card.resolve_title, card.resolve_asked),
    }
    if verb not in told:
        return None
    title, text = told[Verb(verb)]
    return pieces.confirm(title, words.fill(text, **known), label, card.not_yet)
