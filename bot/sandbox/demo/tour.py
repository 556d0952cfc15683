"""What to try next, and what of it was done: every tick is a reading of the log, never a belief of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine import report, roster
from bot.engine.desk import Desk
from bot.model.change import Change, Lever, Step
from bot.model.entry import Entry
from bot.model.handover import Standing
from bot.model.incident import Incident, Phase
from bot.rules import handover as rule
from bot.sandbox.demo.folder import Folder
from bot.store import Tx, changes, handovers, history, incidents, pages, posts

Json = dict[str, Any]
DIRECT = "dm"  #: what the page calls the direct messages of whoever one is
MOST = 20_000  #: entries that are read; a demo that is older has had its tour
QUIET = "Nothing waits for that right now: more breaks within minutes, and 60× at the top makes them pass."
SEEN = "seen"  #: under which the folder keeps what only the page can know
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = (
    "incident.acknowledged",
    "step.fired",
    "change.proposed",
    "change.agreed",
    "change.done",
    "handover.accepted",
)
ROTA = "churn-ml-primary"  #: the rota whose shift is handed over


@dataclass(frozen=True, slots=True)
class Go:
    """Where to go, and whom to be there; `say` is what to send there."""

    channel: str
    ts: str
    person: str
    say: str = ""

    def spelled(self) -> Json:
        """As the page reads it."""
        led = {"channel": self.channel, "ts": self.ts, "as": self.person}
        return led | ({"say": self.say} if self.say else {})


@dataclass(frozen=True)
class _Scene:
    """Everything the steps are read from, at one moment."""

    tx: Tx
    desk: Desk
    log: Sequence[Entry]
    seen: Mapping[str, str]
    open: Sequence[Incident]  #: the oldest first
    asked: Change | None  #: the oldest rollback that waits for somebody's agreement
    trained: Sequence[Change]  #: the open retrains, and the open promotions of what they made, the oldest first


@dataclass(frozen=True, slots=True)
class _Stop:
    """One step: when it was done, and where it is done."""

    id: str
    title: str
    text: str
    done: Callable[[_Scene], datetime | None]
    go: Callable[[_Scene], Go | None]


class Tour:
    """The steps that can be tried today, over one running bot."""

    def __init__(self, desk: Desk, folder: Folder) -> None:
        """`folder` remembers what the page says was looked at."""
        self._desk = desk
        self._folder = folder

    async def act(self, args: Json) -> Json:
        """What the page asks and says: the steps; with `seen`, that the thread of a card was opened."""
        if "seen" in args:
            self._saw(str(args["seen"]))
        seen = self._folder.read().get(SEEN, {})
        return await self._desk.store.read(lambda tx: _told(_scene(tx, self._desk, seen)))

    def _saw(self, what: str) -> None:
        if what != "why":
            raise ValueError(f"A page says that `why` was seen, not {what[:40]!r}.")
        kept = self._folder.read()
        seen = dict(kept.get(SEEN, {}))
        if what not in seen:
            seen[what] = self._desk.clock.now().isoformat()
            self._folder.write({**kept, SEEN: seen})


def _scene(tx: Tx, desk: Desk, seen: Mapping[str, str]) -> _Scene:
    waiting = changes.listing(tx, open_only=True)[::-1]
    asked = [one for one in waiting if one.plan.lever is Lever.ROLLBACK and one.step is Step.PROPOSED]
    return _Scene(
        tx=tx,
        desk=desk,
        log=history.noted(tx, _KINDS, _EVER, MOST),
        seen=seen,
        open=incidents.listing(tx, open_only=True)[::-1],
        asked=asked[0] if asked else None,
        trained=[one for one in waiting if one.plan.lever is Lever.RETRAIN or one.follows],
    )


def _told(scene: _Scene) -> Json:
    steps = []
    for stop in STOPS:
        at = stop.done(scene)
        go = None if at else stop.go(scene)
        text = stop.text if at or go else f"{stop.text} {QUIET}"
        told: Json = {"id": stop.id, "title": stop.title, "text": text}
        steps.append(told | {"done": at is not None, "at": at and at.isoformat(), "go": go and go.spelled()})
    card = next((post for one in scene.open if (post := posts.get(scene.tx, f"card/{one.id}"))), None)
    return {"steps": steps, "open": {"channel": card.channel, "ts": card.ts} if card else None}


# --- when a step was done ---


def _acknowledged(scene: _Scene) -> datetime | None:
    found = (one for one in scene.log if one.kind == "incident.acknowledged" and one.actor.startswith("person:"))
    return _first(found)


def _read(scene: _Scene) -> datetime | None:
    at = scene.seen.get("why")
    return datetime.fromisoformat(at) if at else None


def _rolled_back(scene: _Scene) -> datetime | None:
    """The first rollback that was seen to serve and to which somebody else than its requester agreed."""
    back = {one.subject for one in _agreed(scene) if _lever(one) is Lever.ROLLBACK}
    return _first(one for one in scene.log if one.kind == "change.done" and one.subject in back)


def _retrained(scene: _Scene) -> datetime | None:
    """The first version seen to serve that a retrain made; somebody else agreed to that, and to its promotion."""
    agreed = _agreed(scene)
    ended = {one.subject: one for one in scene.log if one.kind == "change.done"}
    made = {one.subject for one in agreed if _lever(one) is Lever.RETRAIN and one.subject in ended}
    follow = (one.subject for one in agreed if _lever(one) is Lever.PROMOTE and one.after.get("follows") in made)
    return _first(sorted((ended[id_] for id_ in follow if id_ in ended), key=lambda one: one.at))


def _agreed(scene: _Scene) -> list[Entry]:
    """Of each change to which somebody else than its requester agreed, the entry with which it was proposed."""
    asked = {one.subject: one for one in scene.log if one.kind == "change.proposed"}
    found = [one for one in scene.log if one.kind == "change.agreed" and one.subject in asked]
    second = {one.subject for one in found if one.actor != asked[one.subject].actor}
    return [entry for id_, entry in asked.items() if id_ in second]


def _lever(proposed: Entry) -> Lever | None:
    said = proposed.after.get("plan", {}).get("lever")
    return Lever(said) if said else None


def _climbed(scene: _Scene) -> datetime | None:
    return _first(one for one in scene.log if one.kind == "step.fired" and one.after.get("tier") == "L3")


def _handed_over(scene: _Scene) -> datetime | None:
    """The first shift that somebody accepted."""
    found = (one for one in scene.log if one.kind == "handover.accepted" and one.actor.startswith("person:"))
    return _first(found)


def _first(entries: Any) -> datetime | None:
    return next((one.at for one in entries), None)


# --- where it is done ---


def _to_answer(scene: _Scene) -> Go | None:
    """The oldest incident that waits for an answer, as whoever was paged last."""
    return _first_card(scene, [one for one in scene.open if one.phase is Phase.TRIGGERED], _paged)


def _to_read(scene: _Scene) -> Go | None:
    return _first_card(scene, scene.open, _paged)


def _to_roll_back(scene: _Scene) -> Go | None:
    """What waits for a second person, as that person; otherwise the oldest incident of what a platform runs."""
    if scene.asked is not None and (go := _to_change(scene, scene.asked, _second(scene, scene.asked))):
        return go
    estate, hosts = scene.desk.settings.estate, scene.desk.hosts
    run = [one for one in scene.open if (model := estate.find(one.model)) and model.platform in hosts]
    return _first_card(scene, run, _at_hand)


def _to_retrain(scene: _Scene) -> Go | None:
    """What waits for a second person, as that person; then what trains; then an incident that a retrain could end."""
    for one in sorted(scene.trained, key=lambda one: one.step is not Step.PROPOSED):
        who = _second(scene, one) if one.step is Step.PROPOSED else _asker(scene, one)
        if go := _to_change(scene, one, who):
            return go
    return _first_card(scene, [one for one in scene.open if report.retrains(scene.desk, one)], _at_hand)


def _to_change(scene: _Scene, change: Change, who: str) -> Go | None:
    """The card of a change, as it stands in a channel."""
    found = [post for post in posts.called(scene.tx, f"change/{change.id}") if "/channel:" in post.key]
    return Go(found[0].channel, found[0].ts, who) if found else None


def _to_leave(scene: _Scene) -> Go | None:
    """The incident that has climbed highest, as the lead who will be paged."""
    waiting = [one for one in scene.open if one.phase is Phase.TRIGGERED]
    return _first_card(scene, sorted(waiting, key=lambda one: -one.step), _lead)


def _to_hand_over(scene: _Scene) -> Go | None:
    """What waits to be accepted, as whoever comes; then a draft, as whoever goes; else the form that makes a change."""
    for one in handovers.standing(scene.tx, Standing.POSTED):
        if one.incoming and (post := posts.get(scene.tx, f"handover/{one.id}")):
            return Go(post.channel, post.ts, one.incoming[0])
    for one in handovers.standing(scene.tx, Standing.DRAFT):
        if post := posts.get(scene.tx, f"handover/{one.id}/{one.outgoing[0]}"):
            return Go(DIRECT, post.ts, one.outgoing[0])
    rota, now = scene.desk.settings.rotas.get(ROTA), scene.tx.now
    if rota is None:
        return None
    holders = rule.holding(rota, now, roster.changes(scene.tx, scene.desk, now, now + timedelta.resolution))
    return Go(DIRECT, "", holders[0], f"/oncall override {ROTA}") if holders else None


def _first_card(scene: _Scene, found: Sequence[Incident], who: Callable[[_Scene, Incident], str]) -> Go | None:
    for one in found:
        if post := posts.get(scene.tx, f"card/{one.id}"):
            return Go(post.channel, post.ts, who(scene, one))
    return None


# --- whom to be there ---


def _paged(scene: _Scene, incident: Incident) -> str:
    sheets = pages.of(scene.tx, incident.id)
    return sheets[-1].person if sheets else _owner(scene, incident)


def _at_hand(scene: _Scene, incident: Incident) -> str:
    """Whoever holds it, else whoever was paged last."""
    return incident.holder or _paged(scene, incident)


def _owner(scene: _Scene, incident: Incident) -> str:
    """The first of the team that owns the model."""
    team = scene.desk.settings.people.teams.get(scene.desk.owner_team(incident) or "")
    return team.members[0] if team else next(iter(scene.desk.settings.people.persons))


def _lead(scene: _Scene, incident: Incident) -> str:
    team = scene.desk.settings.people.teams.get(scene.desk.owner_team(incident) or "")
    return (team.lead if team else None) or _owner(scene, incident)


def _second(scene: _Scene, change: Change) -> str:
    """Somebody of the owning team who did not ask for it."""
    model = scene.desk.settings.estate.find(change.plan.model)
    team = scene.desk.settings.people.teams.get(model.team if model else "")
    others = [one for one in (*team.members, team.lead) if one and one != change.requested_by] if team else []
    return others[0] if others else change.requested_by


def _asker(scene: _Scene, change: Change) -> str:
    """Whoever asked for it; of what was asked for by itself, somebody of the owning team."""
    known = change.requested_by in scene.desk.settings.people.persons
    return change.requested_by if known else _second(scene, change)


STOPS = (
    _Stop(
        "acknowledge",
        "Acknowledge the incident",
        "A model has gone wrong, and whoever is on call for it was paged. Be that person and press Acknowledge, on the "
        "card or in the direct message. Press it as kim, too: an auditor is told why not.",
        _acknowledged,
        _to_answer,
    ),
    _Stop(
        "why",
        "Read why",
        "Open the thread of the card: what the monitor measured, what the runbook says to check first, and every step "
        "that was taken, in the order in which it happened.",
        _read,
        _to_read,
    ),
    _Stop(
        "rollback",
        "Roll back, with a second person",
        "Press Roll back on the card, or type /rollback churn. Try to approve it yourself: you cannot. Be the other "
        "owner and approve. The other version is seen to serve, the error falls, and the incident closes by itself.",
        _rolled_back,
        _to_roll_back,
    ),
    _Stop(
        "escalate",
        "Let one climb to L3",
        "Leave an incident unanswered, and let time run faster: the pager climbs from tier to tier, up to the "
        "lead of the team. Be the lead and answer.",
        _climbed,
        _to_leave,
    ),
    _Stop(
        "retrain",
        "Retrain, and promote what passes",
        "Parcels take other times than both versions of delivery-days learnt, so going back is no help. Press Retrain "
        "on its card; a second person approves. Watch it train on the card, and see what its gate wanted and found: "
        "Tocsin then asks for the promotion, which a person approves, too.",
        _retrained,
        _to_retrain,
    ),
    _Stop(
        "handover",
        "Hand over the shift",
        "bo has the second tier and wants to go. As bo, send /oncall override churn-ml-primary: ada takes it for 8h, "
        "from a time in the next half hour. Add a note to the draft that bo gets. Then let time run: it is posted in "
        "the channel, and both are paged until ada presses Accept. bo cannot.",
        _handed_over,
        _to_hand_over,
    ),
)
