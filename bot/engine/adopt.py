"""Take a runbook that was changed while an incident is open into its policy: shown as a difference, done on request.

What an incident copied when it opened stays in force until somebody asks for the other: an edit cannot derail it.
"""

from dataclasses import replace
from datetime import datetime

from bot import words
from bot.engine import attend, escalate, opening, respond, waiting
from bot.engine.deed import Answer, Deed, Press, sentence
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase, turn
from bot.model.job import Lane, NewJob
from bot.model.runbook import Policy
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.rules import consent, differing, reach, stages
from bot.store import Tx, incidents, jobs

KIND = "revised"  #: of the jobs that say so in a thread
MOST = 1_000  #: open incidents that are looked at after a reload
ADOPTED, REFUSED = "incident.adopted", "press.refused"


def difference(tx: Tx, desk: Desk, incident: Incident) -> tuple[str, ...]:
    """What of its policy would be other by its runbook as it is now, in sentences; empty where nothing would."""
    policy = _now(desk, incident)
    return tuple(differing.between(incident.policy, policy)) if policy else ()


def revision(desk: Desk, incident: Incident) -> str:
    """The revision of its runbook that is in force now; empty where it is gone."""
    book = desk.runbooks.get(incident.runbook)
    return book.revision if book else ""


async def adopt(desk: Desk, press: Press) -> Answer:
    """The policy as its runbook says now, if the rules let whoever asks escalate; `press.detail` is the revision seen.

    The step in force keeps its beginning and gets its new length. NotFound.
    """
    return await desk.store.write(lambda tx: _adopt(tx, desk, press))


def _adopt(tx: Tx, desk: Desk, press: Press) -> Answer:
    before = incidents.get(tx, incidents.find(tx, press.incident).id, lock=True)
    roster, person, said = desk.roster(tx, press.at), desk.person(tx, press.by), press.words
    may = respond.responders(tx, desk, before, roster)
    climbing = replace(before, exhausted=False)  # one that has come to its end may have more by the new one
    verdict = consent.may_respond(Verb.ESCALATE, climbing, person=person, responders=may, seen_version=None)
    policy, now = _now(desk, before), revision(desk, before)
    if verdict is Verdict.GO and press.detail not in ("", now):
        verdict = Verdict.STALE
    if person is None or verdict is not Verdict.GO:
        return _refused(tx, press, Answer(verdict, sentence(verdict, press, before), before))
    changes = difference(tx, desk, before)
    if policy is None or not changes:
        return Answer(Verdict.ALREADY, words.fill(said.adopted_already, incident=before.id), before)
    deed = Deed(tx, desk, before, person, press, roster)
    after = turn(before, press.at, policy=policy, runbook_revision=now)
    due = _due(before, policy, tx.now)
    after = replace(after, next_step_at=due)
    if due is not None:
        jobs.put(tx, waiting.timer(after, due, not_before=due.isoformat()))
    was = {"revision": before.runbook_revision, "policy": incidents.freeze(before.policy)}
    became = {"revision": now, "policy": incidents.freeze(policy), "changes": list(changes)}
    became["next_step_at"] = due.isoformat() if due else ""
    deed.note(ADOPTED, became, was=was)
    incidents.save(tx, [(before, after)])
    attend.arm(tx, after, tx.now)
    escalate.redraw(tx, after, tx.now)
    return deed.done(after, said.adopted, changes=" ".join(changes))


def offer(tx: Tx, desk: Desk) -> None:
    """Have the thread of each open incident whose runbook was changed say so, once for each revision."""
    for incident in incidents.listing(tx, limit=MOST):
        if difference(tx, desk, incident):
            said = {"incident": incident.id, "revision": revision(desk, incident)}
            key = f"{KIND}/{incident.id}/{said['revision']}"
            jobs.put_once(tx, NewJob(key, KIND, Lane.CARD, tx.now, said))


def _refused(tx: Tx, press: Press, answer: Answer) -> Answer:
    after = {"verb": "adopt", "verdict": answer.verdict.name, "via": press.via, "revision": press.detail}
    incident = answer.incident
    tx.note(Entry(incident.entity, REFUSED, press.at, press.by, incident.id, answer.verdict.sentence, after=after))
    return answer


def _now(desk: Desk, incident: Incident) -> Policy | None:
    """Its policy by its runbook as it is now; None where that is gone, or is the one it copied."""
    book = desk.runbooks.get(incident.runbook)
    if book is None or book.revision == incident.runbook_revision or not incident.open:
        return None
    return opening.policy(desk, book, incident.severity, desk.settings.estate.find(incident.model))


def _due(incident: Incident, policy: Policy, now: datetime) -> datetime | None:
    """When its next step is due by the new policy: what is left of the new wait, where the stage is still there."""
    due = incident.next_step_at
    if due is None or incident.phase is not Phase.TRIGGERED or not incident.step:
        return due
    was = stages.in_force(incident.policy, incident.tier, incident.stage)
    looks = was is not None and any(target.startswith(f"{reach.AGENT}:") for target in was.page)
    if incident.waits and not looks:
        return now  # what it waits for is asked anew
    becomes = stages.in_force(policy, incident.tier, incident.stage)
    if was is None or becomes is None:
        return due  # the tier in force stays until its time
    return max(now, due - was.wait + becomes.wait)
