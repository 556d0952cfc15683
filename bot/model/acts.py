"""Which of the records of an act each kind of entry is: a request, a decision, a result, or a fact nobody asked for.

They share an action: the id of the change, trial, silence ... that it is about, or the incident and the press.
"""

from collections.abc import Mapping

from bot.model.entry import Entry, Step

_REQUESTS = """
change.proposed change.asked change.ask_sent change.ask_failed change.unasked change.review_asked
trial.asked cover.asked address.asked person.link_asked person.summoned handover.drafted pager.tested
"""
_DECISIONS = """
change.agreed change.approved change.rejected change.withdrawn change.refused change.glass_broken change.reviewed
training.called_off gate.judged promotion.left retrain.spared retreat.left canary.stopped trial.refused
freeze.declared freeze.lifted freeze.refused silence.made silence.ended silence.refused
rota.amended rota.restored rota.refused cover.taken cover.withdrawn cover.refused handover.accepted handover.refused
incident.acknowledged incident.escalated incident.handed_over incident.snoozed incident.resolved incident.merged
incident.regraded incident.attended incident.adopted incident.silenced incident.held_legally
incident.released_legally incident.serious_marked clock.met press.refused page.replied person.joined
person.linked person.link_declined person.unlinked address.confirmed address.started address.stopped
feed.made feed.revoked letter.replayed step.ticked step.unticked entry.hidden entry.shown log.erased log.blanked
follow_up.added follow_up.moved follow_up.done follow_up.dropped
postmortem.edited postmortem.assigned postmortem.dated postmortem.moved postmortem.published postmortem.refused
workspace.installed workspace.removed
"""
_RESULTS = """
change.applying change.applied change.repeated change.seen change.measured change.done change.failed change.unknown
change.expired training.started training.ended trial.done trial.failed watch.began watch.measured watch.ended
evidence.frozen blast.taken model.moved incident.mitigated incident.joined incident.answered_by_one
step.fired page.sent page.bundled page.followed page.unfollowed page.delivered page.failed page.late page.doubted
page.delayed page.hastened agent.findings agent.failed cover.past handover.remarked handover.moved
usergroup.synced topic.synced pager.test_received pager.test_missed postmortem.exported postmortem.unexported
audit.exported postmortem.drafted postmortem.refreshed postmortem.outrun incident.likened
clock.warning_sent clock.warning_failed
"""
_FACTS = """
incident.opened incident.worsened incident.calmed incident.stirred incident.waits incident.woken incident.reminded
incident.given_back incident.gathered incident.released alerts.received alert.held alert.released noise.shadowed
tier.skipped tier.armed tier.disarmed stage.passed person.reachable person.unreachable
model.seen model.way_found model.way_lost letter.kept note.added note.seconded note.withdrawn note.removed
clock.started clock.warned clock.missed clock.dropped clock.carried follow_up.reminded configuration.loaded
"""
#: Every kind of entry the bot writes.
STEPS: Mapping[str, Step] = {
    kind: step
    for step, kinds in (
        (Step.REQUEST, _REQUESTS),
        (Step.DECISION, _DECISIONS),
        (Step.RESULT, _RESULTS),
        (Step.FACT, _FACTS),
    )
    for kind in kinds.split()
}
#: What a press on an incident is called, by the entry that tells of it.
PRESSES: Mapping[str, str] = {
    "incident.acknowledged": "acknowledge",
    "incident.escalated": "escalate",
    "incident.handed_over": "hand-over",
    "incident.snoozed": "snooze",
    "incident.resolved": "resolve",
    "incident.merged": "merge",
    "incident.regraded": "regrade",
    "incident.attended": "attend",
    "incident.adopted": "adopt",
    "incident.held_legally": "hold",
    "incident.released_legally": "unhold",
    "person.joined": "acknowledge",
    "person.summoned": "page",
    "step.ticked": "tick",
    "step.unticked": "untick",
}
#: Families whose subject is the act itself, so that their results, too, are found by it.
_OWN = frozenset({"change", "training", "trial", "freeze", "silence", "cover", "handover", "follow_up", "postmortem"})


def step(kind: str) -> Step:
    """Which record of an act an entry of this kind is; a fact where nobody says otherwise."""
    return STEPS.get(kind, Step.FACT)


def action(entry: Entry, found: Step) -> str:
    """The act it is a record of; empty for a fact, and for a result that does not say of what."""
    if found is Step.FACT:
        return ""
    press = entry.after.get("verb", "") if entry.kind == "press.refused" else PRESSES.get(entry.kind)
    if press is not None:
        return f"{entry.subject}/{press}" if press else entry.subject
    if found is Step.RESULT and entry.kind.partition(".")[0] not in _OWN:
        return str(entry.after.get("change") or "")
    return entry.subject
