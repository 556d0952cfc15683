"""Make one incident part of another: its alerts go there, and whatever would have opened it anew does, too."""

from collections.abc import Collection
from dataclasses import replace

from bot.engine import escalate, release, serious_clock
from bot.engine.deed import Answer, Deed, close_pages
from bot.model.incident import MERGED, Incident, close
from bot.model.verdict import Verdict
from bot.rules import consent
from bot.store import alerts, incidents


def merge(deed: Deed, into: Incident, responders: Collection[str]) -> Answer:
    """Both must be locked; `responders` are those of `into`. How severe that is, and who holds it, stays as it is."""
    tx, before, at = deed.tx, deed.before, deed.press.at
    verdict = consent.may_merge(before, into, person=deed.person, responders=responders)
    if verdict is not Verdict.GO:
        return deed.refused(verdict)
    gone = close(
        before, MERGED, at, ended_by=deed.person, merged_into=into.id, alerts_firing=0, alerts_total=0, repeats=0
    )
    onto = replace(
        into,  # no version later: what people see of it is no less true, so their cards still count
        alerts_firing=into.alerts_firing + before.alerts_firing,
        alerts_total=into.alerts_total + before.alerts_total,
        repeats=into.repeats + before.repeats,
    )
    moved = {"alerts": before.alerts_total, "firing": before.alerts_firing, "repeats": before.repeats}
    deed.note("incident.merged", {"phase": gone.phase.value, "resolution": MERGED, "into": into.id, **moved})
    deed.note_on(into, "incident.joined", {"merged": before.id, **moved}, {"firing": into.alerts_firing})
    incidents.save(tx, [(before, gone), (into, onto)])
    alerts.move(tx, before.id, into.id)
    incidents.keep_together(tx, before, into)
    release.merged(tx, before, into)
    serious_clock.merged(tx, gone, onto)
    close_pages(tx, gone, answered_by=deed.person, at=at)
    for each in (gone, onto):
        escalate.redraw(tx, each, tx.now)
    return deed.done(gone, deed.press.words.merged, into=into.id)
