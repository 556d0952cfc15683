"""The steps of the runbook in force with their ticks: a reading of the log, never a list of its own."""

from bot import runbooks
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.checklist import Item, Step
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.store import Tx, alerts, log

TICKED, UNTICKED = KINDS = ("step.ticked", "step.unticked")


def of(tx: Tx, desk: Desk, incident: Incident) -> tuple[Item, ...]:
    """Every step of the incident's runbook as it is in force, in order; empty when the runbook has gone.

    Empty, too, once its alerts have moved into the incident it was merged into. A tick of a step that has gone stays
    in the log with its words. What the steps say of an alert they say of the one that opened the incident, so that a
    step stays the same whatever joins later.
    """
    runbook, alert = desk.runbooks.get(incident.runbook), alerts.first(tx, incident)
    if runbook is None or alert is None:
        return ()
    found = runbooks.steps(runbooks.render(runbook, alert, desk.settings.estate.find(incident.model)))
    ticks: dict[str, Entry] = {}
    for each in log.of_kinds(tx.sql, incident.id, KINDS) if found else ():
        ticks[str(each.entry.after.get("step"))] = each.entry
    return tuple(_item(Step(one.id, one.number, one.section, one.text), ticks.get(one.id)) for one in found)


def find(tx: Tx, desk: Desk, incident: Incident, step_id: str) -> Item:
    """The step with this id; BadInput when the runbook in force has none."""
    for item in of(tx, desk, incident):
        if item.step.id == step_id:
            return item
    raise BadInput(
        f"The runbook {incident.runbook} of {incident.id} has no such step any more.", "Look at its checklist again."
    )


def _item(step: Step, last: Entry | None) -> Item:
    if last is None or last.kind == UNTICKED:
        return Item(step)
    return Item(step, last.actor.removeprefix("person:"), last.at)
