"""What the card of a retrain says that no other change's does: data, price, progress, verdict, log; pure drawing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import documents, words
from bot.model.change import Change, Lever, Plan, Step
from bot.model.retraining import ENOUGH, Finding, Phase, Training
from bot.slack import buttons, forms, links, lists, pieces, retrain_terms, served, visible
from bot.slack.buttons import Meant
from bot.slack.pieces import Json
from bot.words import Words

CALL_OFF, TRIAL = "call-off", "trial"  #: what a button means that stops a run, or shows a trial
FINDINGS, FOUND, STAGE = 12, 80, 80  #: findings that are shown; characters of a part of one, and of a stage
LINES, WIDTH, LOG = 20, 160, 1_800  #: of the end of a log: lines, characters of a line, characters
BAR, FULL, EMPTY = 10, "\N{FULL BLOCK}", "\N{LIGHT SHADE}"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
RUNS = frozenset({Step.APPLYING, Step.VERIFYING})


@dataclass(frozen=True, slots=True)
class Run:
    """What was trained for a change, and what tells how long that takes and whom it is compared with."""

    training: Training
    usual: timedelta | None = None  #: how long such runs took; None: none has ended
    champion: str = ""  #: what its version is compared with


def step(change: Change, run: Run | None, w: Words) -> str:
    """How far it has come; while what it made is judged, that."""
    judged = change.step in RUNS and run is not None and run.training.phase is Phase.JUDGING
    return w.retrain.judging if judged else served.step(change, w)


def told(change: Change, run: Run | None, w: Words) -> str:
    """The rest of a lock screen's line: what to know without opening anything."""
    if change.outcome and (change.step is Step.UNKNOWN or not change.open):
        return change.outcome
    if run is not None and change.step in RUNS:
        return _judged(run, w) if run.training.phase is Phase.JUDGING else _at(run.training, w)
    serving = served.state(change.plan.before, w)
    return words.fill(w.retrain.push_cost, cost=retrain_terms.price(change.plan, w), serving=serving)


# --- while it runs, and what came of it ---


def state(change: Change, run: Run | None, after: Change | None, w: Words) -> list[Json]:
    """Where it stands: what to know first, what was measured, what is next, and the log of what broke off."""
    head, found, foot = _head(change, run, w), findings(run, w), _foot(change, run, after, w)
    if found:
        return [pieces.told(head, found, foot)]
    told = [line for line in (*head, *foot) if line]
    return [*([pieces.lines(*told)] if told else []), *log(change, run, w)]


def _head(change: Change, run: Run | None, w: Words) -> list[list[Json]]:
    if change.step is Step.UNKNOWN:
        return [[pieces.loud(w.retrain.unknown)]]
    if change.step in RUNS:
        if run is None:
            return [[pieces.loud(w.retrain.starting)]]
        judged = run.training.phase is Phase.JUDGING
        return [[pieces.loud(_judged(run, w))]] if judged else _runs(change, run, w)
    if run is not None and (gate := _gate(run, w)):
        return gate
    return [[pieces.loud(change.outcome, 400)]] if change.outcome else []


def _foot(change: Change, run: Run | None, after: Change | None, w: Words) -> list[list[Json]]:
    """What comes next, and facts for whoever wants to know more."""
    training = run.training if run is not None else None
    if run is None or training is None or change.step in RUNS:
        link = _link(training, w) if training else []
        return [link]
    passed = [pieces.say(change.outcome, 400)] if training.passed and change.outcome else []
    unknown = [pieces.say(change.outcome, 400)] if change.step is Step.UNKNOWN and change.outcome else []
    broke = words.fill(w.retrain.broke_off, stage=pieces.shorten(training.stage, STAGE))
    unsaid = training.stage.strip() and training.stage.rstrip(".") not in change.outcome
    stage = [pieces.say(broke)] if unsaid and change.step is Step.FAILED and not training.done else []
    next_ = _next(change, run, after, w) if training.passed is not None else []
    return [unknown, *next_, passed, stage, _took(change, training, w), _link(training, w)]


def _runs(change: Change, run: Run, w: Words) -> list[list[Json]]:
    training, say = run.training, w.retrain
    spent = retrain_terms.amount(training.cost, str(change.plan.parameters.get("currency") or ""), w)
    who = training.called_off.removeprefix("person:")
    return [
        [pieces.loud(words.fill(say.stopping, who=pieces.shorten(who, 60)))] if who else [],
        [pieces.loud(_at(training, w))],
        [pieces.say(bar(training.share, w))] if training.share is not None else [],
        _elapsed(run, w),
        pieces.line(say.no_longer, until=pieces.when(change.deadline)) if change.deadline else [],
        [pieces.say(words.fill(say.so_far, cost=spent))] if training.cost is not None else [],
    ]


def _at(training: Training, w: Words) -> str:
    if training.phase is Phase.STARTING:
        return w.retrain.starting
    if training.going == "waiting":
        return w.retrain.queued
    return words.fill(w.retrain.runs, stage=pieces.shorten(training.stage, STAGE) or "…")


def bar(share: float, w: Words) -> str:
    """How much of it is done, for eyes and for screen readers; what is no share of a whole is cut to one."""
    whole = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    full = int(whole * BAR)
    drawn = FULL * full + EMPTY * (BAR - full)
    return words.fill(w.retrain.share, bar=drawn, percent=int(whole * 100))


def _elapsed(run: Run, w: Words) -> list[Json]:
    """For how long it runs, as last heard of, and how long such runs take."""
    began, heard = _began(run.training), run.training.heard_at
    if began is None or heard is None or heard < began:
        return []
    parts: dict[str, object] = {"elapsed": _span(heard - began), "heard": pieces.when(heard)}
    if run.usual is None:
        return pieces.line(w.retrain.elapsed_first, **parts)
    return pieces.line(w.retrain.elapsed, usual=_span(run.usual), until=pieces.when(began + run.usual), **parts)


def _judged(run: Run, w: Words) -> str:
    version = served.name(run.training.version or "")
    if not run.training.trial:
        return words.fill(w.retrain.to_judge, version=version)
    return words.fill(w.retrain.judged, version=version, champion=served.name(run.champion), trial=run.training.trial)


def _gate(run: Run, w: Words) -> list[list[Json]]:
    """The head over the list of findings."""
    found, fell = run.training.findings, [one for one in run.training.findings if not one.ok]
    named = {"version": served.name(run.training.version or ""), "total": len(found)}
    if run.training.passed:
        template = w.retrain.passed if found else w.retrain.passed_bare
        return [[pieces.loud(words.fill(template, count=len(found), **named))]]
    return [[pieces.loud(words.fill(w.retrain.failed, count=len(fell), **named))]] if fell else []


def findings(run: Run | None, w: Words) -> list[list[Json]]:
    """What the gate wanted and found, a line each: all of it where it passed, what fell short where it did not."""
    if run is None or run.training.passed is None:
        return []
    wanted = [one for one in run.training.findings if run.training.passed or not one.ok]
    lines = [_finding(one, w) for one in wanted[:FINDINGS]]
    more = len(wanted) - len(lines)
    return [*lines, [pieces.say(words.fill(w.retrain.more_found, count=more))]] if more > 0 else lines


def _finding(one: Finding, w: Words) -> list[Json]:
    return pieces.line(
        w.retrain.found,
        what=pieces.loud(one.what, FOUND),
        got=pieces.say(one.got or "?", FOUND),
        wanted=pieces.say(one.wanted or "?", FOUND),
    )


def _next(change: Change, run: Run, after: Change | None, w: Words) -> list[list[Json]]:
    """What comes of the verdict, or what a person can do about it; what was never judged says that by itself."""
    say, training = w.retrain, run.training
    before = served.name(run.champion) if run.champion else served.state(change.plan.before, w)
    if not training.passed:
        scant = any(one.what == ENOUGH and not one.ok for one in training.findings)
        ways = say.ways_scant if scant else say.ways
        return [[pieces.say(words.fill(ways, champion=before))]] if _fell(training) else []
    if after is None:
        return [[pieces.say(say.to_promote)]]
    if after.step is not Step.PROPOSED:  # what serves by now, its own card tells
        told = pieces.say(f"{served.what(after, w)} ({served.step(after, w)})", 100)
        return [pieces.line(say.then, change=pieces.loud(after.id), what=told)]
    named = {"change": pieces.loud(after.id), "version": served.name(training.version or ""), "before": before}
    return [pieces.line(say.promotes, **named)]


def log(change: Change, run: Run | None, w: Words) -> list[Json]:
    """The end of the log of a run that broke off, to the letter: nothing in it is markup, and nothing is a mention."""
    tail = _tail(run.training.log) if run is not None else ""
    if run is None or run.training.done or not tail or change.step not in (Step.FAILED, Step.UNKNOWN):
        return []
    part = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": tail}]}
    return [{"type": "rich_text", "elements": [pieces.lines([pieces.say(w.retrain.log)])["elements"][0], part]}]


def _tail(text: str) -> str:
    rows = [visible.clean(row.expandtabs(4)).rstrip() for row in text.splitlines()[-LINES * 5 :]]
    kept: list[str] = []
    for row in reversed([row for row in rows if row][-LINES:]):
        row = row if len(row) <= WIDTH else f"{row[: WIDTH - 1]}…"
        if sum(map(len, kept)) + len(kept) + len(row) > LOG:
            break
        kept.insert(0, row)
    return "\n".join(kept)


def _took(change: Change, training: Training, w: Words) -> list[Json]:
    began = _began(training)
    if began is None or training.ended_at is None or training.ended_at < began:
        return []
    spent = retrain_terms.amount(training.cost, str(change.plan.parameters.get("currency") or ""), w)
    template = w.retrain.took if training.cost is None else w.retrain.took_cost
    return [pieces.say(words.fill(template, elapsed=_span(training.ended_at - began), cost=spent))]


def _link(training: Training, w: Words) -> list[Json]:
    """Where the run can be looked at; what is no address to open is not shown as one."""
    return [links.draw(w.retrain.link, training.link)] if links.address(training.link) else []


def _began(training: Training) -> datetime | None:
    return training.started_at or training.asked_at


def _span(span: timedelta) -> str:
    """To the minute, where it is longer than one."""
    return documents.written(span - span % MINUTE if span >= MINUTE else span)


# --- the buttons ---


def presses(change: Change, run: Run | None, after: Change | None, w: Words) -> list[Json]:
    """What can be done beside deciding: stop it, look at what came of it, try again on more data."""
    going = run is None or (run.training.ended_at is None and not run.training.called_off)
    if change.step in RUNS or change.step is Step.UNKNOWN:
        return [_call_off(change, w)] if going else []
    if change.step is Step.DONE:
        return [lists.order(after.id, f"change {after.id}")] if after is not None else []
    if change.step is not Step.FAILED:
        return []
    if run is not None and _fell(run.training):
        first = opens(again(change.plan, change.why, times=2), w.retrain.widen, change)
    else:
        first = opens(again(change.plan, change.why), w.change.again, change)
    return [first, *([_look(run.training.trial, w)] if run is not None and run.training.trial else [])]


def _fell(training: Training) -> bool:
    """Whether the gate found it wanting."""
    return training.passed is False and any(not one.ok for one in training.findings)


def again(plan: Plan, why: str, times: int = 1) -> forms.Seed:
    """The form that asks for the same on as much data, or on so many times as much."""
    window = documents.written(asked(plan) * times)
    return forms.Seed(model=plan.model, of=plan.model, text=why, window=window)


def asked(plan: Plan) -> timedelta:
    """How much data was asked for."""
    return timedelta(seconds=plan.parameters["window"])


def opens(seed: forms.Seed, label: str, change: Change) -> Json:
    """A button that opens the form."""
    name = Lever.RETRAIN.value
    value = buttons.encode(Meant(forms.OPEN, change.incident or "", 0, replace(seed, incident="").card(name)))
    return pieces.button(label, f"open.{name}", value, aloud=f"{label}: {change.id}")


def _call_off(change: Change, w: Words) -> Json:
    say = w.retrain
    said = {"model": served.name(change.plan.model), "before": served.state(change.plan.before, w)}
    title, text = words.fill(say.call_off_title, change=change.id), words.fill(say.call_off_asked, **said)
    sure = pieces.confirm(title, text, say.call_off, w.card.not_yet)
    value = buttons.encode(Meant(CALL_OFF, detail=change.id))
    return pieces.button(say.call_off, CALL_OFF, value, style="danger", confirm=sure, aloud=title)


def _look(trial: str, w: Words) -> Json:
    value = buttons.encode(Meant(TRIAL, detail=trial))
    return pieces.button(words.fill(w.retrain.look, trial=trial), TRIAL, value)


def usual(past: Sequence[Training]) -> timedelta | None:
    """How long runs that made a version took: the median of what is known; None where nothing is."""
    spans = sorted(_spans(past))
    return spans[len(spans) // 2] if spans else None


def _spans(past: Sequence[Training]) -> Iterator[timedelta]:
    for one in past:
        began = _began(one)
        if one.done and one.ended_at is not None and began is not None and one.ended_at >= began:
            yield one.ended_at - began
