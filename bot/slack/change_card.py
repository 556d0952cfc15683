"""The card of a change, and what an approver reads of it; pure drawing, the decision is taken by the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot import documents, words
from bot.engine import drafting
from bot.model.change import Change, Lever, Step
from bot.model.entry import Entry
from bot.model.people import Person
from bot.model.watch import Watch
from bot.rules.agreement import AGREE, REJECT, WITHDRAW
from bot.slack import buttons, forms, pieces, retrain_card, retrain_terms, served, watch_lines
from bot.slack.buttons import Meant
from bot.slack.pieces import Json, Message
from bot.slack.retrain_card import Run
from bot.words import Words

VOTE = "vote"  #: what a button means that carries a ticket
#: Which tickets a card of this step needs.
TICKETS: Mapping[Step, tuple[str, ...]] = {Step.PROPOSED: (AGREE, REJECT, WITHDRAW), Step.APPROVED: (WITHDRAW,)}
TRAIL = 12  #: entries that are told
WHY, TOLD, WARNING, WARNINGS = 400, 200, 200, 6  # characters of each; how many warnings are shown
SIDE = 70  # characters of what serves before and after, where a press is confirmed
PREFIX = "change."
HALTS = (Lever.PAUSE, Lever.RESUME)  #: whose effect is more than another version


@dataclass(frozen=True)
class Shown:
    """What a card is drawn from; `tickets` are by what pressing them does, none once nothing can be pressed."""

    change: Change
    approvers: tuple[Person, ...] = ()  #: who may agree now
    tickets: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[Entry, ...] = ()  #: the entries about it, oldest first
    incident: str = ""  #: what the incident it is for is about
    below: tuple[str, ...] = ()  #: further facts that are known, a line each
    run: Run | None = None  #: what was trained for it
    after: Change | None = None  #: the change that came of it by itself
    watch: Watch | None = None  #: over what it brought into service


def card(shown: Shown, w: Words) -> Message:
    """The living message for everybody."""
    title = {"change": shown.change.id, "step": _step(shown, w), "what": served.what(shown.change, w)}
    drawn = (_trained if _trains(shown.change) and shown.change.step not in TICKETS else _decided)(shown, w)
    header = pieces.header(words.fill(w.change.header, **title))
    return Message(pieces.push(_push(shown, w)), (header, *drawn, pieces.small(_small(shown, w))))


def _decided(shown: Shown, w: Words) -> list[Json]:
    """First what it is, so that whoever must agree knows; then how far it is."""
    told = [line for line in (*_now(shown, w), *_trail(shown, w)) if line]
    return [pieces.lines(*_about(shown, w)), *_paragraph(told), *_row(shown, w)]


def _trained(shown: Shown, w: Words) -> list[Json]:
    """Of a retrain nobody has to decide about any more, first how far it is: it takes hours, and people look in."""
    state = retrain_card.state(shown.change, shown.run, shown.after, w)
    return [*state, *_row(shown, w), *_paragraph([*_about(shown, w), *_trail(shown, w)])]


def _row(shown: Shown, w: Words) -> list[Json]:
    row = _buttons(shown, w)
    return [pieces.row(*row)] if row else []


def _paragraph(lines: list[list[Json]]) -> list[Json]:
    return [pieces.lines(*lines)] if lines else []


def _push(shown: Shown, w: Words) -> str:
    change = shown.change
    said = {"change": change.id, "step": _step(shown, w), "what": served.what(change, w)}
    if _trains(change):
        return words.fill(w.retrain.push, told=retrain_card.told(change, shown.run, w), **said)
    return words.fill(w.change.push, **said, **_both(change, w))


def _small(shown: Shown, w: Words) -> str:
    """What was agreed to, for whoever looks it up later."""
    plan, runbook = shown.change.plan, shown.change.plan.runbook
    said = {
        "change": shown.change.id,
        "digest": plan.digest[:12],
        "runbook": f"{pieces.shorten(runbook, 60)} {plan.revision[:12]}".strip() or w.change.no_runbook,
    }
    if _trains(shown.change):
        return words.fill(w.retrain.plan, longest=documents.written(plan.verify_within), **said)
    return words.fill(w.change.plan, minutes=plan.verify_within // timedelta(minutes=1), **said)


def _trains(change: Change) -> bool:
    """Whether nothing that serves is changed by it."""
    return change.plan.lever is Lever.RETRAIN


def _step(shown: Shown, w: Words) -> str:
    return retrain_card.step(shown.change, shown.run, w)


def asked(shown: Shown, person: Person, w: Words) -> Message:
    """What somebody reads who may agree to it; once it is decided, how instead of the buttons."""
    drawn, change = card(shown, w), shown.change
    text = drawn.text
    if change.step is Step.PROPOSED and not any(one.by == person.name for one in change.agreements):
        until = pieces.utc(change.expires_at)
        said = {"change": change.id, "what": served.what(change, w), "until": until}
        if _trains(change):
            text = pieces.push(words.fill(w.retrain.push_wanted, cost=retrain_terms.price(change.plan, w), **said))
        else:
            text = pieces.push(words.fill(w.change.push_wanted, **said, **_both(change, w)))
    why = pieces.small(words.fill(w.change.other_approver, model=served.name(change.plan.model)))
    return Message(text, (*drawn.blocks, why))


def line(change: Change, w: Words) -> list[Json]:
    """A change in one line, for lists and pages."""
    said: dict[str, object] = {
        "change": pieces.loud(change.id),
        "step": served.step(change, w),
        "what": pieces.say(served.what(change, w), 100),
        "who": pieces.say(who(change.requested_by), 80),
        "when": pieces.when(change.requested_at),
    }
    if _trains(change):
        return pieces.line(w.retrain.listed, cost=retrain_terms.price(change.plan, w), **said)
    return pieces.line(w.change.listed, **said, **_both(change, w))


def who(actor: str) -> str:
    """A name without what kind of name it is."""
    return actor.removeprefix("person:")


# --- what would be different, and why ---


def _both(change: Change, w: Words) -> dict[str, str]:
    both = served.parts(change.plan, w)
    return {"before": both["before"], "after": both["after"]}


def _about(shown: Shown, w: Words) -> list[list[Json]]:
    change, plan, say = shown.change, shown.change.plan, w.change
    why = pieces.say(change.why, WHY)
    asked_by = {"who": pieces.loud(who(change.requested_by), 80), "when": pieces.when(change.requested_at), "why": why}
    of = pieces.line(say.for_incident, incident=pieces.loud(change.incident or ""), title=pieces.say(shown.incident))
    lines = [
        *_differs(change, w),
        *watch_lines.canary(plan, w),
        pieces.line(say.asked_by, **asked_by),
        of if change.incident else [],
        pieces.line(w.retrain.follows, change=pieces.loud(change.follows)) if change.follows else [],
        pieces.line(say.undoes, change=pieces.loud(change.undoes)) if change.undoes else [],
        pieces.line(say.glass, why=pieces.loud(change.glass, WHY)) if change.glass else [],
    ]
    warnings = [pieces.line(say.warning, warning=pieces.loud(one, WARNING)) for one in plan.warnings[:WARNINGS]]
    kept = _frozen(shown, w)
    more = [[pieces.say(one)] for one in shown.below]
    return [*lines, *warnings, *kept, *more]


def _differs(change: Change, w: Words) -> list[list[Json]]:
    plan = change.plan
    if _trains(change):
        return retrain_terms.head(plan, w)
    return [
        [pieces.loud(served.becomes(plan, w))],
        [pieces.say(plan.effect)] if plan.lever in HALTS else [],
        [pieces.say(plan.why_after)] if plan.why_after else [],
    ]


def _frozen(shown: Shown, w: Words) -> list[list[Json]]:
    """What was kept of the world before anything was changed (P10)."""
    entry = next((one for one in reversed(shown.trail) if one.kind == "evidence.frozen"), None)
    if entry is None:
        return []
    say, kept = w.change, entry.after
    facts = [words.fill(say.frozen_served, serving=served.state(shown.change.plan.before, w))]
    alerts, flow = kept.get("alerts_total"), kept.get("predictions")
    facts += [words.fill(say.frozen_alerts, count=alerts)] if isinstance(alerts, int) and alerts else []
    count = flow.get("estimate") if isinstance(flow, Mapping) else None
    facts += [words.fill(say.frozen_flow, count=count) if isinstance(count, int) else say.frozen_unknown]
    return [pieces.line(say.frozen, facts=pieces.say(", ".join(facts)))]


# --- who must agree, or what came of it ---


def _now(shown: Shown, w: Words) -> list[list[Json]]:
    change, say = shown.change, w.change
    match change.step:
        case Step.PROPOSED:
            return [_needs(shown, w)]
        case Step.APPLYING:
            return [[pieces.loud(say.applying)]]
        case Step.VERIFYING if change.deadline:
            metric, until = _watched(change, w), pieces.when(change.deadline)
            if change.seen is None:
                return [pieces.line(say.watching, until=until)]
            recovering = pieces.line(say.recovering, metric=metric, until=until)
            return [_seen(change, w), recovering, *watch_lines.watch(change, shown.watch, w), *_after(shown, w)]
        case Step.UNKNOWN:
            return [[pieces.loud(say.unknown)], _seen(change, w), _ended(change, w)]
        case Step.DONE | Step.FAILED | Step.EXPIRED:
            ended = [_metric(shown, w), _seen(change, w), _ended(change, w)]
            return [*ended, *watch_lines.watch(change, shown.watch, w), *_after(shown, w)]
    return [_seen(change, w)]


def _after(shown: Shown, w: Words) -> list[list[Json]]:
    """What came of it by itself: a canary's next step, or the way back where its watch went wrong."""
    after = shown.after
    if after is None:
        return []
    return [pieces.line(w.retrain.then, change=pieces.loud(after.id), what=pieces.say(served.what(after, w), 100))]


def _needs(shown: Shown, w: Words) -> list[Json]:
    change, say = shown.change, w.change
    left = change.needs - len(change.agreements)
    if left <= 0:
        return [pieces.say(say.needs_none)]
    if not shown.approvers:
        return [pieces.loud(say.needs_nobody)]
    names = pieces.named(shown.approvers, w.card.and_more)
    template = say.needs_one if left == 1 else say.needs_more
    return pieces.line(template, count=left, until=pieces.when(change.expires_at), who=names)


def _seen(change: Change, w: Words) -> list[Json]:
    return pieces.line(w.change.seen, serving=pieces.loud(served.state(change.seen, w))) if change.seen else []


def _ended(change: Change, w: Words) -> list[Json]:
    return pieces.line(w.change.ended, outcome=pieces.say(change.outcome, WHY)) if change.outcome else []


def _metric(shown: Shown, w: Words) -> list[Json]:
    """Whether what was to get better did: said aloud where it got worse."""
    if shown.change.step is not Step.DONE:
        return []
    done = next((one for one in reversed(shown.trail) if one.kind == f"{PREFIX}done"), None)
    found = str(done.after.get("recovery", "")) if done else ""
    say = {"recovered": w.change.recovered, "inconclusive": w.change.inconclusive, "worse": w.change.worse}.get(found)
    if say is None:
        return []
    return [pieces.loud(words.fill(say, metric=_watched(shown.change, w)))]


def _watched(change: Change, w: Words) -> str:
    return pieces.shorten(change.plan.metric or "", 60) or w.change.the_metric


def _trail(shown: Shown, w: Words) -> list[list[Json]]:
    """Who did what when; what was refused is for the log, not for everybody's eyes."""
    told = []
    for entry in shown.trail:
        template = _template(shown.change, entry, w)
        if template and entry.kind != f"{PREFIX}proposed":
            actor = pieces.loud(who(entry.actor), 80)
            told.append(pieces.line(template, when=pieces.when(entry.at), who=actor, why=pieces.say(entry.why, TOLD)))
    return told[-TRAIL:]


def _template(change: Change, entry: Entry, w: Words) -> str | None:
    """How an entry is told; None for what is not for everybody."""
    own = w.retrain.trail.get(entry.kind) if _trains(change) else None
    bare = entry.kind.removeprefix(PREFIX) if entry.kind.startswith(PREFIX) else ""
    return own or w.change.trail.get(bare)


# --- the buttons ---


def _buttons(shown: Shown, w: Words) -> list[Json]:
    change, say = shown.change, w.change
    labels = {AGREE: say.approve, REJECT: say.reject, WITHDRAW: say.withdraw}
    votes = [
        _vote(verb, shown.tickets[verb], labels[verb], change, w)
        for verb in TICKETS.get(change.step, ())
        if verb in shown.tickets
    ]
    if _trains(change):
        again = [retrain_card.opens(retrain_card.again(change.plan, change.why), say.again, change)]
        expired = again if change.step is Step.EXPIRED else []
        return [*votes, *expired, *retrain_card.presses(change, shown.run, shown.after, w)]
    if change.step is Step.DONE:
        return [*votes, _opens(back(change), say.undo, change, w)]
    if change.step is Step.EXPIRED:
        return [*votes, _opens(anew(change), say.again, change, w)]
    return votes


def _vote(verb: str, ticket: str, label: str, change: Change, w: Words) -> Json:
    """It carries the ticket: what that stands for is in the database, whatever else a press says."""
    both = served.parts(change.plan, w)
    say, asks = w.change, (w.retrain if _trains(change) else w.change)
    last = change.needs - len(change.agreements) <= 1
    told = {
        AGREE: (say.approve_title, asks.approve_asked if last else asks.approve_more),
        REJECT: (say.reject_title, asks.reject_asked),
        WITHDRAW: (say.withdraw_title, asks.withdraw_asked),
    }
    title, text = told[verb]
    both = {name: pieces.shorten(side, SIDE) for name, side in both.items()}
    cost = retrain_terms.price(change.plan, w) if _trains(change) else ""
    said = words.fill(text, who=pieces.shorten(who(change.requested_by), 40), cost=cost, **both)
    sure = pieces.confirm(words.fill(title, change=change.id), said, label, w.card.not_yet)
    style = {AGREE: "primary", REJECT: "danger"}.get(verb)
    value = buttons.encode(Meant(VOTE, detail=f"{change.id}/{ticket}"))
    return pieces.button(label, f"{VOTE}.{verb}", value, style=style, confirm=sure, aloud=_aloud(label, change, w))


def _opens(opened: tuple[str, forms.Seed], label: str, change: Change, w: Words) -> Json:
    name, seed = opened
    value = buttons.encode(Meant(forms.OPEN, change.incident or "", 0, seed.card(name)))
    return pieces.button(label, f"open.{name}", value, aloud=_aloud(label, change, w))


def _aloud(label: str, change: Change, w: Words) -> str:
    return words.fill(w.change.read_aloud, label=label, change=change.id, what=served.what(change, w))


def back(change: Change) -> tuple[str, forms.Seed]:
    """The form that takes a change back: a change like any other, which puts back what served before."""
    plan = change.plan
    seed = forms.Seed(model=plan.model, of=plan.model, undoes=change.id)
    return drafting.BACK[plan.lever].value, seed


def anew(change: Change) -> tuple[str, forms.Seed]:
    """The form that asks for the same again, over what serves by then."""
    plan, given = change.plan, change.plan.parameters
    seed = forms.Seed(model=plan.model, of=plan.model, text=change.why, undoes=change.undoes or "")
    if isinstance(given.get("split"), Mapping):
        return plan.lever.value, replace(seed, split=split(given["split"]))
    return plan.lever.value, replace(seed, version=str(given.get("version") or ""))


def split(shares: Mapping[str, float]) -> str:
    """Shares of the traffic as the form has them, a version a line."""
    return "\n".join(f"{version} = {percent:g}" for version, percent in shares.items())
