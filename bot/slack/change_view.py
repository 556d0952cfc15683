"""What the card of a change is drawn from, read and ticketed in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.engine import approvers, headline
from bot.engine.desk import Desk
from bot.model.change import Change, Lever, Step
from bot.model.people import Person
from bot.slack import retrain_card
from bot.slack.change_card import TICKETS, Shown
from bot.slack.retrain_card import Run
from bot.store import Tx, alerts, changes, incidents, log, tickets, trainings, trials, watches

MOST = 500  # open changes: at most one for each model


def of(tx: Tx, desk: Desk, change_id: str, at: datetime) -> Shown:
    """The change as it stands, with tickets for what can be pressed; needs a writing transaction. NotFound."""
    change = changes.get(tx, change_id)
    return Shown(
        change,
        approvers=may_agree(tx, desk, change, at) if change.step is Step.PROPOSED else (),
        tickets=_tickets(tx, change, at),
        trail=tuple(sealed.entry for sealed in log.of(tx.sql, change.id)),
        incident=_about(tx, change),
        run=_run(tx, change) if change.plan.lever is Lever.RETRAIN else None,
        after=changes.after(tx, change.id),
        watch=watches.find(tx, change.id),
    )


def _run(tx: Tx, change: Change) -> Run | None:
    """What was trained for it, and how long such runs take."""
    training = trainings.find(tx, change.id)
    if training is None:
        return None
    past = [one for one in trainings.listing(tx, model=change.plan.model) if one.id != change.id]
    champion = trials.find(tx, training.trial).champion if training.trial else ""
    return Run(training, retrain_card.usual(past), champion)


def may_agree(tx: Tx, desk: Desk, change: Change, at: datetime) -> tuple[Person, ...]:
    """Whose agreement could count now, by name."""
    roster = desk.roster(tx, at)
    model = desk.settings.estate.find(change.plan.model)
    gone = {change.requested_by, *(one.by for one in change.agreements)}
    names = sorted(approvers.of(desk, roster, model, at) - gone)
    return tuple(roster.people.persons[name] for name in names if name in roster.people.persons)


@dataclass(frozen=True)
class Waiting:
    """What one person's page shows of changes, the newest first."""

    approvals: tuple[Change, ...] = ()  #: theirs to agree to
    own: tuple[Change, ...] = ()  #: those they asked for, still open


def waiting(tx: Tx, desk: Desk, persons: Collection[str], at: datetime) -> dict[str, Waiting]:
    """What waits for each of `persons`, and what they wait for."""
    found = changes.listing(tx, open_only=True, limit=MOST)
    may = {one.id: {person.name for person in may_agree(tx, desk, one, at)} for one in found if _asks(one, at)}
    return {
        name: Waiting(
            tuple(one for one in found if name in may.get(one.id, ())),
            tuple(one for one in found if one.requested_by == name),
        )
        for name in persons
    }


def _asks(change: Change, at: datetime) -> bool:
    return change.step is Step.PROPOSED and at < change.expires_at


def _tickets(tx: Tx, change: Change, at: datetime) -> dict[str, str]:
    """The same ids as long as nobody has used them, so that an unchanged card stays as it is."""
    if at >= change.expires_at:
        return {}
    return {verb: tickets.issue(tx, change, verb, change.expires_at) for verb in TICKETS.get(change.step, ())}


def _about(tx: Tx, change: Change) -> str:
    found = incidents.by_ids(tx, [change.incident]).get(change.incident) if change.incident else None
    if found is None:
        return ""
    kept = alerts.of(tx, found.id)
    return headline.of(found, kept[0] if kept else None)
