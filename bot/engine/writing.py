"""Write down what was seen and done: a note in the timeline, a tick on the runbook's checklist."""

from bot.engine import annotate, checklist, escalate
from bot.engine.deed import Answer, Deed
from bot.model.verdict import Verdict
from bot.rules import consent, written

SHOWN = 150  # characters of a step in an answer


def note(deed: Deed) -> Answer:
    """Add the words to the timeline; BadInput when there are none."""
    press = deed.press
    words = annotate.Note(deed.before.id, press.detail, press.by, press.at, press.via)
    annotate.put(deed.tx, deed.before, words, deed.person)
    escalate.redraw(deed.tx, deed.before, deed.tx.now)
    return deed.done(deed.before, press.words.noted)


def tick(deed: Deed) -> Answer:
    """A step is done; BadInput when the runbook in force has no such step."""
    return _mark(deed, True)


def untick(deed: Deed) -> Answer:
    """A step is open again; BadInput likewise."""
    return _mark(deed, False)


def _mark(deed: Deed, wanted: bool) -> Answer:
    item = checklist.find(deed.tx, deed.desk, deed.before, deed.press.detail.strip())
    verdict = consent.may_tick(item.ticked_by is not None, wanted)
    if verdict is not Verdict.GO:
        return deed.refused(verdict)
    kind = checklist.TICKED if wanted else checklist.UNTICKED
    deed.note(kind, {"step": item.step.id, "text": item.step.text})
    escalate.redraw(deed.tx, deed.before, deed.tx.now)
    said = deed.press.words
    return deed.done(deed.before, said.ticked if wanted else said.unticked, step=written.line(item.step.text, SHOWN))
