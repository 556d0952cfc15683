"""Each Monday an entity reads of its retrains: what drifts and has none, what never pays, how they ended, the cost."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot import words
from bot.engine import nudge, retrain_report, retrain_trigger
from bot.engine.desk import Desk
from bot.model.estate import Entity, Model
from bot.model.job import Job, Lane, NewJob
from bot.model.retraining import Phase, Training
from bot.model.trial import Finding
from bot.rules import retraining, written
from bot.store import Tx, drifting, jobs, trainings, trials
from bot.words.by_itself import ByItself as Words

KIND = "retrain-digest"
MONDAY, WEEK, DAY = 0, timedelta(days=7), timedelta(days=1)
IN_A_ROW: Final = 3  #: retrains that did not beat the champion, from which on they are spoken of
SHOWN, NAME = 10, 80  #: lines of a section, and characters of a name


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for this week's of each entity, which any number of replicas do once; one missed is made up for in a day."""
    for entity in desk.settings.estate.entities.values():
        due = _monday(now, entity.timezone)
        if now - due < DAY:
            key = f"{KIND}/{entity.name}/{due.date()}"
            jobs.put_once(tx, NewJob(key, KIND, Lane.DIGEST, due, {"entity": entity.name, "week": due.isoformat()}))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Owe the message to the entity's channel, where there is anything to say."""
    entity = desk.settings.estate.entities.get(str(job.payload["entity"]))
    if entity is None:
        return
    until = datetime.fromisoformat(str(job.payload["week"]))
    say = words.of(desk.settings.slack.language).by_itself
    models = [model for model in desk.settings.estate.models.values() if model.entity == entity.name]
    ended = trainings.since(tx, entity.name, until - WEEK)
    found = [
        *_section(say.without_policy, list(_without_policy(tx, desk, entity, until, say)), say),
        *_section(words.fill(say.never_beat, count=IN_A_ROW), list(_never(tx, models, say)), say),
        *_section(say.of_week, [_ended(one, say) for one in sorted(ended, key=_order)], say),
        *_spend(tx, desk, entity, say),
    ]
    if found:
        date = until.astimezone(ZoneInfo(entity.timezone)).date()
        head = words.fill(say.week, entity=_line(entity.name), date=date)
        to = f"channel:{entity.channel or desk.settings.slack.channel}"
        notice = {"to": to, "text": head, "lines": found}
        jobs.put(tx, NewJob(f"notice/{job.key}", "notice", Lane.DIGEST, tx.now, notice))


def _monday(now: datetime, zone: str) -> datetime:
    """The last Monday morning in `zone` that is not after `now`, in UTC."""
    where = ZoneInfo(zone)
    today = now.astimezone(where).date()
    back = (today.weekday() - MONDAY) % 7
    days = (today - timedelta(days=back + 7 * n) for n in (0, 1))
    mornings = (datetime.combine(day, nudge.MORNING, where).astimezone(now.tzinfo) for day in days)
    return next(at for at in mornings if at <= now)


def _section(head: str, lines: Sequence[str], say: Words) -> Iterator[str]:
    """A heading with its lines; nothing where there are none."""
    if lines:
        yield head
        yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield words.fill(say.others, count=len(lines) - SHOWN)


def _without_policy(tx: Tx, desk: Desk, entity: Entity, until: datetime, say: Words) -> Iterator[str]:
    """What drifts and is never retrained; monitors may call one model by several names."""
    found: dict[str, list[drifting.Drifting]] = {}
    for one in drifting.of(tx, entity.name, {kind.value for kind in retrain_trigger.KINDS}, until - WEEK):
        model = desk.settings.estate.find(one.model)
        if model and model.retrain is None and model.kind != "data":
            found.setdefault(model.name, []).append(one)
    for name, each in found.items():
        newest = max((one.newest for one in each), key=lambda id_: int(id_.removeprefix("INC-")))
        said = {"count": sum(one.incidents for one in each), "open": sum(one.open for one in each)}
        yield words.fill(say.drifts, model=_line(name), incident=newest, **said)


def _never(tx: Tx, models: Iterable[Model], say: Words) -> Iterator[str]:
    """Those whose last runs were all for nothing; one that somebody called off says nothing about it."""
    for model in models:
        if model.retrain is None:
            continue
        every = trainings.listing(tx, model=model.name)
        ended = [one for one in every if one.phase is Phase.ENDED and retrain_report.outcome(one) != "cancelled"]
        last = ended[:IN_A_ROW]
        if len(last) == IN_A_ROW and not any(_beat(tx, one) for one in last):
            yield words.fill(say.never, model=_line(model.name), changes=", ".join(one.id for one in last))


def _beat(tx: Tx, one: Training) -> bool:
    """Whether what it made did better than what served, as its trial found; to be no worse is not to be better."""
    if not one.passed:
        return False
    card = trials.get(tx, one.trial).scorecard if one.trial else None
    return card is None or card.finding is Finding.BETTER


def _order(one: Training) -> tuple[bool, datetime | None, str]:
    """Those that ended in their order; what goes on comes last."""
    return one.phase is not Phase.ENDED, one.asked_at, one.id


def _ended(one: Training, say: Words) -> str:
    template = say.going if one.phase is not Phase.ENDED else str(getattr(say, retrain_report.outcome(one)))
    said = {"change": one.id, "model": _line(one.model), "version": _line(one.version or "?")}
    return words.fill(template, **said)


def _spend(tx: Tx, desk: Desk, entity: Entity, say: Words) -> Iterator[str]:
    """This month's, where anything was spent."""
    used = retrain_report.spent(tx, desk, entity.name, tx.now)
    if not used:
        return
    if entity.budget is None:
        yield words.fill(say.uncounted, spent=f"{used:g}")
        return
    left = retraining.left(entity.budget, used)
    said = {"spent": _money(used), "budget": _money(entity.budget.monthly), "currency": entity.budget.currency}
    if left < 0:
        yield words.fill(say.beyond, **said, more=_money(-left))
    else:
        yield words.fill(say.spend, **said, left=_money(left))


def _money(amount: float) -> str:
    """Without cents where there are none."""
    return f"{amount:.2f}".removesuffix(".00")


def _line(text: str) -> str:
    """A name from outside, made fit for a line of ours."""
    return written.line(text, NAME)
