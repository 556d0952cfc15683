"""What follows when pages cannot be delivered: the next way, else the next step, at once, and the owner is told."""

from collections.abc import Sequence

from bot.engine import escalate, sooner
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import NewJob
from bot.model.page import Page, PageState
from bot.store import Tx, incidents, jobs, pages

FAILED, LATE, DOUBTED = "page.failed", "page.late", "page.doubted"


def failed(tx: Tx, desk: Desk, sheets: Sequence[Page], why: str, *, kind: str = FAILED) -> None:
    """They will not arrive, or nobody can tell (`kind` DOUBTED)."""
    found = incidents.by_ids(tx, {sheet.incident for sheet in sheets}, lock=True)
    gone = [sheet for sheet in sheets if sheet.pending]
    for sheet in gone:
        incident = found[sheet.incident]
        pages.change(tx, sheet.id, PageState.FAILED, failure=why)
        tx.note(Entry(incident.entity, kind, tx.now, "tocsin", incident.id, why, after={"page": sheet.id}))
        escalate.redraw(tx, incident, tx.now)
    sooner.sooner(tx, desk, *(sheet.id for sheet in gone))
    for sheet in gone:
        (_tell_unasked if sheet.asked else _go_on)(tx, desk, found[sheet.incident], sheet, why)


def late(tx: Tx, desk: Desk, sheets: Sequence[Page], why: str) -> None:
    """They stay owed, but nobody waits for them any longer."""
    found = incidents.by_ids(tx, {sheet.incident for sheet in sheets}, lock=True)
    for sheet in sheets:
        incident = found[sheet.incident]
        if sheet.asked or incident.phase is not Phase.TRIGGERED:
            continue  # nothing waits for it, or it was answered while this attempt was under way
        pages.change(tx, sheet.id, sheet.state, failure=why)
        tx.note(Entry(incident.entity, LATE, tx.now, "tocsin", incident.id, why, after={"page": sheet.id}))
        sooner.sooner(tx, desk, sheet.id)
        _go_on(tx, desk, incident, sheet, why)


def _go_on(tx: Tx, desk: Desk, incident: Incident, page: Page, why: str) -> None:
    """When no page of this step has arrived, its timer rings now, and the owner is told."""
    sheets = [sheet for sheet in pages.of(tx, incident.id) if not sheet.asked]
    arrived = any(sheet.step == page.step and sheet.failure is None for sheet in sheets)
    if arrived or incident.phase is not Phase.TRIGGERED or incident.step != page.step:
        return
    text = f"{incident.id} ({incident.title}): no page of step {page.step} ({page.tier}) could be delivered: {why}"
    key = f"{incident.id}/{page.step}/undelivered"
    for told in escalate.tell_owner(desk, incident, desk.roster(tx, tx.now), key, text):
        jobs.put_once(tx, told)
    refused = all(sheet.state is PageState.FAILED for sheet in sheets if sheet.step == page.step)
    if incident.exhausted and refused:
        jobs.put(tx, escalate.alarm(desk, incident))
    # Pages of two steps that hang in the air tell of the channel, not of the people: then racing up the tiers
    # reaches nobody sooner, and only wakes everybody at once when it is back.
    waiting = [sheet for sheet in sheets if sheet.state is PageState.DECIDED and sheet.failure is not None]
    stuck = any(sheet.step < page.step for sheet in waiting)
    timer = escalate.timer(incident)
    if timer is not None and (refused or not stuck):
        jobs.put(tx, NewJob(timer.key, timer.kind, timer.lane, tx.now, timer.payload))


def _tell_unasked(tx: Tx, desk: Desk, incident: Incident, page: Page, why: str) -> None:
    """Whoever reads the channel learns that somebody who was asked to join has not heard of it."""
    request = page.id.split("/")[1]
    others = [s for s in pages.of(tx, incident.id) if s.person == page.person and s.id.split("/")[1] == request]
    if any(sheet.state is not PageState.FAILED for sheet in others):
        return
    text = f"{incident.id} ({incident.title}): {page.person} could not be asked to join: {why}"
    channel = f"channel:{desk.channel(incident)}"
    jobs.put_once(tx, escalate.notice(f"{incident.id}/{request}/{page.person}/unasked", channel, text, tx.now))
