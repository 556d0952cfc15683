"""The sentence of each kind of entry of a timeline: what a tired engineer reads of it, in English as documents are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.engine import course
from bot.model.change import Serving
from bot.model.entry import Entry
from bot.model.page import Page
from bot.rules import reach, written

TITLE, WHY, NOTE = 200, 300, 1_500  # characters
NAMED = 5  #: alerts of one entry that are spelled out
Who = Callable[[str], str]  #: from person:NAME, slack:USERID, connection:NAME ... to what people call them


@dataclass(frozen=True)
class Scene:
    """What a sentence may need beside the entry: names, the pages, and what each change would do."""

    incident: str
    who: Who
    pages: Mapping[str, Page] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)  #: by change: rollback of churn to 6
    title: str = ""  #: of the incident: what every line need not say again


def sentence(entry: Entry, scene: Scene) -> str:
    """What happened, without who did it; one of a kind that is not known here is told by its kind and reason."""
    tell = _TOLD.get(entry.kind)
    if tell is None:
        return _plain(entry.kind.replace(".", " ").replace("_", " "), entry)
    return tell(entry, scene) if callable(tell) else _plain(tell, entry)


def serving(said: object) -> str:
    """What serves, of a state as it was spelled."""
    if isinstance(said, Mapping) and "split" in said:
        return course.split(Serving.read({"raw": {}, "guard": None, "paused": False, **said}))
    return "something unknown"


def clock(said: object) -> str:
    """The time of day of an instant in ISO 8601, in UTC."""
    try:
        return f"{datetime.fromisoformat(str(said)):%H:%M} UTC"
    except ValueError:
        return "later"


def _plain(words: str, entry: Entry) -> str:
    why = written.line(entry.why, WHY)
    return f"{words}: {why}" if why else f"{words}."


def _names(said: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(map(str, said))) or "nobody"


def _page(entry: Entry, scene: Scene) -> str:
    page = scene.pages.get(str(entry.after.get("page")))
    return f"{reach.shown(page.person)} by {page.channel}" if page else str(entry.after.get("page", "somebody"))


def _opened(entry: Entry, scene: Scene) -> str:
    title, why = written.line(str(entry.after.get("title", "")), TITLE), written.line(entry.why, WHY)
    return f"opened as {entry.after.get('severity', '?')}: {title}{_stop(title)} {why}".strip()


def _stop(text: str) -> str:
    return "" if text.endswith((".", "!", "?", "…")) else "."


def _received(entry: Entry, scene: Scene) -> str:
    after = entry.after
    told = [one for one in after.get("alerts", ()) if isinstance(one, Mapping)]
    parts = [_alert(one, scene.title) for one in told[:NAMED]]
    if (more := len(told) - NAMED) > 0:
        parts.append(f"and {more} more")
    if not parts:
        return f"heard again {after.get('repeats', 0)} times; {after.get('firing', 0)} fire."
    return f"{'; '.join(parts)} ({after.get('firing', 0)} firing now)."


def _alert(one: Mapping[str, Any], known: str = "") -> str:
    """Its title and its numbers; where the incident bears the title already, the numbers alone."""
    ended = "ended: " if one.get("status") == "resolved" else ""
    measures = ", ".join(map(str, one.get("measures", ())))
    title = str(one.get("title", ""))
    if measures and title == known:
        return f"{ended or 'measured: '}{measures}"
    return f"{ended}{written.line(title, TITLE)}{f' [{measures}]' if measures else ''}"


def _fired(entry: Entry, scene: Scene) -> str:
    after = entry.after
    sheets = [scene.pages[its] for its in after.get("pages", ()) if its in scene.pages]
    whom = [f"{reach.shown(one.person)} by {one.channel}" for one in sheets]
    whom += [f"agent {one}" for one in after.get("agents", ())]
    tier = f"{after['tier']} " if after.get("tier") else ""
    last = " Nobody is left to be paged after this." if after.get("exhausted") else ""
    return f"decided to page {tier}({_names(whom)}): {written.line(entry.why, WHY)}{last}"


def _held(entry: Entry, scene: Scene) -> str:
    return f"held back an alert: {_alert(entry.after)}. {written.line(entry.why, WHY)}"


def _note(entry: Entry, scene: Scene) -> str:
    text = written.line(str(entry.after.get("text", "")), NOTE)
    author = entry.after.get("author")
    if author and scene.who(str(author)) != scene.who(entry.actor):
        return f"kept what {scene.who(str(author))} wrote: {text}"
    return f"wrote: {text}"


def _blast(entry: Entry, scene: Scene) -> str:
    count = entry.after.get("predictions")
    how = written.line(str(entry.after.get("how", "")), WHY)
    if count is None:
        return f"could not find out how many predictions were made since the trouble began: {how or 'nobody says'}."
    return f"estimated {count:,} predictions since the trouble began ({how or 'no word on how'})."


def _act(entry: Entry, scene: Scene) -> str:
    return f"{entry.subject} ({scene.acts[entry.subject]})" if entry.subject in scene.acts else entry.subject


def _proposed(entry: Entry, scene: Scene) -> str:
    needs = entry.after.get("needs", 0)
    more = f" {needs} more must agree." if needs else ""
    return f"asked for {_act(entry, scene)}: {written.line(entry.why, WHY)}{_stop(entry.why)}{more}"


def _change(words: str) -> Callable[[Entry, Scene], str]:
    """`words` with CHANGE in them, and the reason behind."""

    def tell(entry: Entry, scene: Scene) -> str:
        return _plain(words.replace("CHANGE", entry.subject), entry)

    return tell


def _approved(entry: Entry, scene: Scene) -> str:
    by = [str(one.get("by")) for one in entry.after.get("agreed", ()) if isinstance(one, Mapping)]
    return f"{entry.subject} is approved by {_names(by)}." if by else _plain(f"{entry.subject} may go ahead", entry)


def _refused(entry: Entry, scene: Scene) -> str:
    verb = entry.after.get("verb", "something")
    about = f" on {entry.subject}" if entry.subject != scene.incident else ""
    return f"tried to {verb}{about} and was refused: {written.line(entry.why, WHY)}"


def _asked(entry: Entry, scene: Scene) -> str:
    whom, channel = entry.after.get("whom", "somebody"), entry.after.get("channel", "?")
    return f"asked {whom} by {channel} to agree to {entry.subject}."


def _frozen(entry: Entry, scene: Scene) -> str:
    return f"froze the evidence before {entry.subject}: {serving(entry.after.get('serving'))} served."


def _seen(entry: Entry, scene: Scene) -> str:
    return f"{entry.subject}: {serving(entry.after.get('seen'))} is seen to serve. {written.line(entry.why, WHY)}"


def _moved(entry: Entry, scene: Scene) -> str:
    by = str(entry.after.get("by", ""))
    who = f" ({scene.who(by)})" if by and by != "seen" else ""
    before, now = serving(entry.before.get("serving")), serving(entry.after.get("serving"))
    return f"{entry.after.get('model', entry.subject)} was moved elsewhere{who}: {now} serves in the place of {before}."


def _trial(entry: Entry, scene: Scene) -> str:
    after = entry.after
    against = f" against {after.get('champion')}" if after.get("champion") else ""
    wanted = after.get("challenger") or "the champion alone"
    return _plain(f"asked for {after.get('trial', 'a trial')} of {wanted}{against}", entry)


def _tried(entry: Entry, scene: Scene) -> str:
    return _plain(f"{entry.after.get('trial', 'the trial')} ended", entry)


def _summoned(entry: Entry, scene: Scene) -> str:
    return _plain(f"asked {_names(entry.after.get('persons', ()))} to join", entry)


def _over(entry: Entry, scene: Scene) -> str:
    return _plain(f"handed it over to {_names(entry.after.get('persons', ()))}", entry)


def _resolved(entry: Entry, scene: Scene) -> str:
    how = str(entry.after.get("resolution") or "resolved")
    return _plain({"ended": "it is over", "false alarm": "closed it as a false alarm"}.get(how, how), entry)


def _ticked(entry: Entry, scene: Scene) -> str:
    text = written.line(str(entry.after.get("text", entry.after.get("step", ""))), TITLE)
    return f"{'did' if entry.kind == 'step.ticked' else 'took back'} a step of the runbook: {text}"


def _snoozed(entry: Entry, scene: Scene) -> str:
    return _plain(f"took it and had it quiet until {clock(entry.after.get('snoozed_until'))}", entry)


def _regraded(entry: Entry, scene: Scene) -> str:
    was, now = entry.before.get("severity", "?"), entry.after.get("severity", "?")
    return _plain(f"made it {now} in the place of {was}", entry)


def _merged(entry: Entry, scene: Scene) -> str:
    if entry.kind == "incident.joined":
        return _plain(f"made {entry.after.get('merged', 'another incident')} part of it", entry)
    return _plain(f"made it part of {entry.after.get('into', 'another incident')}", entry)


def _sent(words: str) -> Callable[[Entry, Scene], str]:
    def tell(entry: Entry, scene: Scene) -> str:
        kept = words.replace("PAGE", _page(entry, scene))
        return kept if kept.endswith(".") else _plain(kept, entry)

    return tell


_TOLD: Mapping[str, str | Callable[[Entry, Scene], str]] = {
    "incident.opened": _opened,
    "incident.waits": "waits before anybody is paged",
    "incident.acknowledged": "acknowledged it",
    "incident.attended": "is still at it",
    "incident.reminded": "asked its holder whether they are still at it",
    "incident.given_back": "took it back from its holder, who did not answer",
    "incident.escalated": "escalated it",
    "incident.handed_over": _over,
    "incident.snoozed": _snoozed,
    "incident.woken": "woke it again",
    "incident.regraded": _regraded,
    "incident.worsened": _regraded,
    "incident.mitigated": "it is mitigated",
    "incident.resolved": _resolved,
    "incident.calmed": "nothing fires any more; it stays open for a while",
    "incident.stirred": "it fires again",
    "incident.merged": _merged,
    "incident.joined": _merged,
    "incident.gathered": "a storm pages for it",
    "incident.released": "speaks for itself again",
    "incident.silenced": "silenced what it is about",
    "incident.adopted": "let it go on by its runbook as it is now",
    "incident.held_legally": "laid a legal hold on it",
    "incident.released_legally": "lifted the legal hold",
    "incident.answered_by_one": "answered, though others must, too",
    "alerts.received": _received,
    "alert.held": _held,
    "step.fired": _fired,
    "tier.skipped": "passed over a tier",
    "stage.passed": "passed over a stage",
    "step.ticked": _ticked,
    "step.unticked": _ticked,
    "page.sent": _sent("the page to PAGE went out."),
    "page.delivered": _sent("the page to PAGE was delivered."),
    "page.failed": _sent("the page to PAGE failed"),
    "page.late": _sent("the page to PAGE is late"),
    "page.delayed": _sent("the page to PAGE waits"),
    "page.doubted": _sent("nobody can tell whether the page to PAGE arrived"),
    "page.hastened": _sent("the page to PAGE was brought forward"),
    "page.replied": _sent("answered the page to PAGE from outside"),
    "person.summoned": _summoned,
    "person.joined": "joined",
    "press.refused": _refused,
    "note.added": _note,
    "blast.taken": _blast,
    "evidence.frozen": _frozen,
    "agent.findings": "looked at it",
    "agent.failed": "could not look at it",
    "model.moved": _moved,
    "trial.asked": _trial,
    "trial.done": _tried,
    "trial.failed": _tried,
    "change.proposed": _proposed,
    "change.asked": _asked,
    "change.unasked": _change("nobody could be asked to agree to CHANGE"),
    "change.ask_failed": _change("somebody could not be asked to agree to CHANGE"),
    "change.agreed": _change("agreed to CHANGE"),
    "change.approved": _approved,
    "change.rejected": _change("rejected CHANGE"),
    "change.withdrawn": _change("took CHANGE back"),
    "change.expired": _change("CHANGE ran out"),
    "change.refused": _refused,
    "change.glass_broken": _change("broke the glass for CHANGE"),
    "change.review_asked": _change("asked for a review of CHANGE, for which the glass was broken"),
    "change.reviewed": _change("reviewed CHANGE"),
    "change.applying": _change("applies CHANGE"),
    "change.repeated": _change("sent CHANGE once more"),
    "change.seen": _seen,
    "change.done": _change("CHANGE is done"),
    "change.failed": _change("CHANGE failed"),
    "change.unknown": _change("nobody can say what came of CHANGE"),
    "training.started": "the retraining began",
    "training.ended": "the retraining ended",
    "training.called_off": "called the retraining off",
    "gate.judged": "the gate was judged",
    "promotion.left": "left the promotion to people",
    "retrain.spared": "did not propose a retrain by itself",
    "retreat.left": "left the way back to people",
    "watch.began": "watches what serves now",
    "watch.ended": "the watch ended",
    "canary.stopped": "the canary was stopped",
}
