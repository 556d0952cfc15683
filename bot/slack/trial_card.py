"""What came of a trial, for somebody half asleep: the verdict, how sure it is, where it fails, and what to do next."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

from bot import documents, words
from bot.model.change import Lever
from bot.model.trial import GAP, Estimate, Finding, Score, Scorecard, Slice, Stage, Trial
from bot.model.trial import METRICS as BETTER
from bot.slack import buttons, forms, pieces, served
from bot.slack.buttons import Meant
from bot.slack.pieces import Json, Message
from bot.words import Words

LEVERS = (Lever.ROLLBACK, Lever.PROMOTE)  #: that bring another version into service
SLICES, NAMED, GAPS, CHECKS, METRICS = 5, 5, 3, 6, 12  # of each so many are shown
TITLE, VALUE, METRIC, SENTENCE, WHY = 40, 40, 30, 100, 400  # characters of a version, a value, a metric, sentences
MINUS = "\N{MINUS SIGN}"


def draw(trial: Trial, w: Words, lever: Lever | None = None, *, retrains: bool = False) -> Message:
    """The one message about a trial that has ended; `lever` is what would bring its challenger into service.

    `retrains`: its model can be trained anew, which is what to do where nothing else is better.
    """
    anew, lever = retrains and _lost(trial), None if _judges(trial) else lever
    verdict = _verdict(trial, w)
    blocks = [
        pieces.header(verdict),
        *_found(trial, w),
        pieces.lines(*_then(trial, lever, w, anew=anew)),
        pieces.small(_by(trial, w)),
    ]
    row = _button(trial, lever, w) if _won(trial) and lever in LEVERS and not _barred(trial, lever) else None
    row = _retrain(trial, w) if anew else row
    return Message(pieces.push(_push(trial, verdict, w)), (*blocks, *([pieces.row(row)] if row else [])))


def _won(trial: Trial) -> bool:
    card = trial.scorecard
    return trial.stage is Stage.DONE and card is not None and card.finding is Finding.BETTER and bool(trial.challenger)


def _lost(trial: Trial) -> bool:
    """There was enough to see, and no version is better; of what a retrain made, its own card says what to do."""
    card = trial.scorecard
    bad = card is not None and card.finding in (Finding.WORSE, Finding.LEVEL)
    return trial.stage is Stage.DONE and bad and trial.change is None


def _barred(trial: Trial, lever: Lever | None) -> bool:
    """What never served has to pass its gate; what did, and is gone back to, has passed it in life."""
    return lever is not Lever.ROLLBACK and trial.scorecard is not None and not all(c.ok for c in trial.scorecard.gate)


# --- the verdict ---


def _verdict(trial: Trial, w: Words) -> str:
    say, card = w.tried, trial.scorecard
    if trial.stage is not Stage.DONE or card is None:
        template = say.failed
    elif trial.challenger is None:
        template = say.too_little_alone if card.finding is Finding.INSUFFICIENT else say.alone
    else:
        template = {
            Finding.BETTER: say.better,
            Finding.WORSE: say.worse,
            Finding.LEVEL: say.level,
            Finding.INSUFFICIENT: say.too_little,
        }[card.finding]
    return words.fill(template, **_named(trial))


def _named(trial: Trial) -> dict[str, str]:
    versions = {"champion": trial.champion, "challenger": trial.challenger or ""}
    named = {name: pieces.shorten(version, TITLE) or "?" for name, version in versions.items()}
    return {"model": pieces.shorten(trial.model, TITLE), **named}


def _push(trial: Trial, verdict: str, w: Words) -> str:
    said = {"trial": trial.id, "verdict": verdict}
    first = _first(trial.scorecard)
    if first is None or first.champion is None or first.challenger is None:
        return words.fill(w.tried.push, **said)
    return words.fill(w.tried.push_scored, **said, **_values(first))


def _first(card: Scorecard | None) -> Score | None:
    """The score that decides."""
    return card.scores[0] if card and card.scores else None


# --- what was found ---


def _found(trial: Trial, w: Words) -> Iterator[Json]:
    card = trial.scorecard
    if trial.stage is not Stage.DONE or card is None:
        yield pieces.lines([pieces.say(trial.outcome or "?", WHY)])
        return
    unsure = [pieces.loud(card.why, WHY)] if card.finding is Finding.INSUFFICIENT and card.why else []
    yield pieces.lines(unsure, _rows(trial, card, w))
    if card.scores:
        yield _table(trial, card.scores[:METRICS], w)
    head, items, foot = _slices(card, w)
    gaps = [line for line in (_gap(one, w) for one in _gaps(card)) if line]
    below = [*foot, *gaps, *_minded(card, w), *_gate(card, w)]
    if head or below:
        yield pieces.told(head, items, below) if items else pieces.lines(*head, *below)


def _rows(trial: Trial, card: Scorecard, w: Words) -> list[Json]:
    span = {"since": pieces.when(trial.since), "until": pieces.when(trial.until)}
    said = pieces.line(w.tried.rows, count=f"{card.samples:,}", **span)
    reasons = [f"{count:,} {w.tried.left_out.get(why, why)}" for why, count in card.left_out.items() if count]
    if not reasons:
        return said
    total = f"{sum(card.left_out.values()):,}"
    return [*said, *pieces.line(w.tried.without, count=total, reasons=", ".join(reasons))]


def _table(trial: Trial, scores: Sequence[Score], w: Words) -> Json:
    """A metric a row: what it is of both, and by how much they differ."""
    say, both = w.tried, trial.challenger is not None
    head = [say.metric, words.fill(say.champion, version=pieces.shorten(trial.champion, TITLE))]
    if both:
        head += [words.fill(say.challenger, version=pieces.shorten(trial.challenger or "", TITLE)), say.difference]
    rows = [head]
    for one in scores:
        row = [pieces.shorten(one.metric, METRIC), _estimate(one.champion, w)]
        rows.append([*row, _estimate(one.challenger, w), _difference(one, w)] if both else row)
    settings = [None, *({"align": "right", "is_wrapped": True} for _ in head[1:])]
    return {
        "type": "table",
        "column_settings": settings,
        "rows": [[{"type": "raw_text", "text": cell or "-"} for cell in row] for row in rows],
    }


def _estimate(one: Estimate | None, w: Words, *, signed: bool = False) -> str:
    if one is None:
        return w.tried.unmeasured
    parts = {"value": one.value, "low": one.low, "high": one.high}
    return words.fill(w.tried.estimate, **{name: number(value, signed=signed) for name, value in parts.items()})


def _difference(score: Score, w: Words) -> str:
    """By how much, and whether that is good: of an error less is better."""
    if score.difference is None:
        return w.tried.unmeasured
    said = {Finding.BETTER: w.tried.is_better, Finding.WORSE: w.tried.is_worse, Finding.LEVEL: w.tried.is_level}
    found = _finding(score)
    told = said[found] if found else ""
    return f"{_estimate(score.difference, w, signed=True)}{': ' if told else ''}{told}"


def _finding(score: Score) -> Finding | None:
    """By the interval of the difference; None of a metric that nobody knows any more."""
    better, gap = BETTER.get(score.metric), score.difference
    if better is None or gap is None:
        return None
    if gap.low <= 0 <= gap.high:
        return Finding.LEVEL
    return Finding.BETTER if gap.value * better > 0 else Finding.WORSE


def number(value: float, *, signed: bool = False) -> str:
    """Four digits that count, two and a sign of a small difference; grouped where it is large."""
    if not math.isfinite(value):
        return "?"
    size = abs(value)
    text = f"{size:,.0f}" if size >= 1000 else f"{size:.2g}" if signed and size < 10 else f"{size:.4g}"
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{text}"


# --- where it fails ---


def _slices(card: Scorecard, w: Words) -> tuple[list[list[Json]], list[list[Json]], list[list[Json]]]:
    """A head, the slices that matter most, and what else there is to say of slices."""
    say = w.tried
    known = [one for one in card.slices if one.finding is not Finding.INSUFFICIENT and one.scores]
    small = len(card.slices) - len(known)
    foot = [[pieces.say(words.fill(say.too_small, count=small))]] if small else []
    if not known:
        return [], [], foot
    if known[0].scores[0].challenger is None:
        weakest = sorted(known, key=_weakness)[:SLICES]
        return [[pieces.say(words.fill(say.weakest, total=len(known)))]], [_slice(one, w) for one in weakest], foot
    worse = sorted((one for one in known if one.finding is Finding.WORSE), key=_weakness)
    better = [one for one in known if one.finding is Finding.BETTER]
    if better:
        names = _some([_where(one) for one in better[:NAMED]], len(better), w)
        foot.insert(0, [pieces.say(words.fill(say.better_on, count=len(better), total=len(known), names=names), WHY)])
    if not worse:
        return [[pieces.say(words.fill(say.worse_nowhere, total=len(known)))]], [], foot
    head = words.fill(say.worse_on, count=len(worse), total=len(known))
    if more := len(worse) - SLICES:
        foot = [[pieces.say(words.fill(w.talk.more, count=more))], *foot] if more > 0 else foot
    return [[pieces.loud(head)]], [_slice(one, w) for one in worse[:SLICES]], foot


def _some(names: Iterable[str], total: int, w: Words) -> str:
    shown = list(names)
    more = [words.fill(w.talk.more, count=total - len(shown))] if total > len(shown) else []
    return ", ".join([*shown, *more])


def _weakness(one: Slice) -> float:
    """The weakest come first: by the difference where there is one, by the champion's own value else."""
    first = one.scores[0]
    estimate = first.difference or first.champion
    value = estimate.value if estimate else math.nan
    return value * BETTER.get(first.metric, 1) if math.isfinite(value) else math.inf


def _where(one: Slice) -> str:
    return f"{pieces.shorten(one.column, VALUE)} = {pieces.shorten(one.value, VALUE) or '-'}"


def _slice(one: Slice, w: Words) -> list[Json]:
    first = one.scores[0]
    said = {"where": pieces.loud(_where(one)), "count": f"{one.samples:,}"}
    if first.challenger is None or first.difference is None:
        return pieces.line(w.tried.slice_alone, **said, **_values(first))
    gap = _estimate(first.difference, w, signed=True)
    return pieces.line(w.tried.slice_both, **said, **_values(first), difference=gap)


def _values(score: Score) -> dict[str, str]:
    both = {"champion": score.champion, "challenger": score.challenger}
    return {"metric": pieces.shorten(score.metric, METRIC)} | {
        n: number(e.value) if e else "?" for n, e in both.items()
    }


def _gaps(card: Scorecard) -> list[Slice]:
    return [one for one in card.fairness if one.value == GAP and one.scores][:GAPS]


def _gap(one: Slice, w: Words) -> list[Json]:
    first = one.scores[0]
    template = w.tried.gap_both if first.challenger else w.tried.gap_alone
    return pieces.line(template, column=pieces.shorten(one.column, VALUE), **_values(first))


def _minded(card: Scorecard, w: Words) -> list[list[Json]]:
    """What is wrong with the data, but for what the verdict says already."""
    failed = [one for one in card.checks if not one.ok and one.why != card.why]
    return [pieces.line(w.tried.mind, why=pieces.loud(one.why)) for one in failed[:CHECKS]]


def _gate(card: Scorecard, w: Words) -> list[list[Json]]:
    """Whether the runbook's gate lets it through, and what of it does not."""
    if not card.gate:
        return []
    failed = [one for one in card.gate if not one.ok]
    if not failed:
        return [[pieces.say(words.fill(w.tried.gate_passed, count=len(card.gate)))]]
    lacks = (f"{pieces.shorten(one.what, VALUE)}: {pieces.shorten(one.why, SENTENCE)}" for one in failed[:CHECKS])
    return [pieces.line(w.tried.gate_failed, why=pieces.loud(" ".join(lacks), WHY))]


# --- what to do ---


def _next(trial: Trial, lever: Lever | None, w: Words) -> list[list[Json]]:
    """One sentence, in bold; where the challenger wins and yet is worse somewhere, where to look first."""
    say, card = w.tried, trial.scorecard
    command = _command(trial)
    if trial.stage is not Stage.DONE or card is None:
        return [[pieces.loud(words.fill(say.next_failed, command=f"/tocsin evaluate {trial.model}"), WHY)]]
    if trial.challenger is None and card.finding is not Finding.INSUFFICIENT:
        return [[pieces.loud(say.next_alone)]]
    wins = {Lever.ROLLBACK: say.next_rollback, Lever.PROMOTE: say.next_promote, None: say.next_serve}
    template = {
        Finding.BETTER: say.next_gate if _barred(trial, lever) else wins.get(lever, say.next_serve),
        Finding.WORSE: say.next_worse,
        Finding.LEVEL: say.next_level,
        Finding.INSUFFICIENT: say.next_too_little,
    }[card.finding]
    first = [pieces.loud(words.fill(template, **_named(trial), command=command), WHY)]
    partly = card.finding is Finding.BETTER and any(one.finding is Finding.WORSE for one in card.slices)
    return [first, [pieces.say(say.next_slices)] if partly else []]


def _then(trial: Trial, lever: Lever | None, w: Words, *, anew: bool) -> list[list[Json]]:
    """What to do: train anew, read what its retrain says, or what it says itself."""
    if anew:
        return [[pieces.loud(words.fill(w.retrain.next_retrain, **_named(trial)), WHY)]]
    if _judges(trial):
        return [[pieces.loud(words.fill(w.retrain.next_judged, change=trial.change, **_named(trial)), WHY)]]
    return _next(trial, lever, w)


def _judges(trial: Trial) -> bool:
    """Whether a retrain asked for it, whose gate knows more than this trial, and whose own card says what to do."""
    return trial.change is not None and trial.stage is Stage.DONE


def _command(trial: Trial) -> str:
    """The same on twice as long a window."""
    window = documents.written((trial.until - trial.since) * 2)
    return f"tocsin evaluate run {trial.model} --window {window}"


def _by(trial: Trial, w: Words) -> str:
    """Who asked, for which incident, when it ended, and where all of it stands."""
    say = w.tried
    kind, _, name = trial.asked_by.partition(":")
    template = {"person": say.by_person, "runbook": say.by_runbook}.get(kind, say.by_itself)
    who = words.fill(template, who=pieces.shorten(name, 60))
    ended = f"{trial.changed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    shown = words.fill(say.all_of_it, command=f"tocsin evaluate show {trial.id}")
    return " · ".join(part for part in (trial.id, trial.incident or "", who, ended, shown) if part)


def _button(trial: Trial, lever: Lever | None, w: Words) -> Json | None:
    """Opens the form of the lever, with the challenger chosen and the reason written."""
    first, version = _first(trial.scorecard), trial.challenger
    if lever is None or version is None:
        return None
    values = _values(first) if first else {"metric": "?", "champion": "?", "challenger": "?"}
    scored = {"metric": values["metric"], "new": values["challenger"], "old": values["champion"]}
    reason = words.fill(w.tried.reason, trial=trial.id, **_named(trial), **scored)
    seed = forms.Seed(model=trial.model, of=trial.model, version=version, text=reason)
    label = w.talk.labels[lever.value]
    value = buttons.encode(Meant(forms.OPEN, trial.incident or "", 0, seed.card(lever.value)))
    aloud = words.fill(w.tried.read_aloud, label=label, model=served.name(trial.model), version=served.name(version))
    return pieces.button(label, f"open.{lever.value}", value, style="primary", aloud=aloud)


def _retrain(trial: Trial, w: Words) -> Json:
    """Opens the form of a retrain, with the reason written."""
    name = Lever.RETRAIN.value
    reason = words.fill(w.retrain.reason, trial=trial.id, **_named(trial))
    seed = forms.Seed(model=trial.model, of=trial.model, text=reason)
    label = w.talk.labels[name]
    value = buttons.encode(Meant(forms.OPEN, trial.incident or "", 0, seed.card(name)))
    return pieces.button(label, f"open.{name}", value, aloud=f"{label}: {served.name(trial.model)}")
