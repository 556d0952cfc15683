"""Mark an incident as serious under a law's regime, and say what became of each report; flags for legal, no advice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import documents, words
from bot.engine import escalate, forbidden, serious_clock, serious_say, windows
from bot.engine.desk import Desk
from bot.engine.serious_say import Owed
from bot.errors import BadInput, NotFound
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.serious import Clock, Regime, Standing, move
from bot.model.verdict import Verdict
from bot.rules import consent, serious, written
from bot.store import Tx, clocks, incidents
from bot.words import Words

MARKED, MET = "incident.serious_marked", "clock.met"
WHY, SHOWN, REFERENCE = 3_000, 300, 300  # characters of a reason that are kept, that a channel is told; of a reference


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what; a resolved incident may be marked, and its clocks settled, like an open one."""

    incident: str  #: as typed
    by: str
    at: datetime
    via: str
    why: str = ""
    regimes: tuple[str, ...] = ()  #: to mark it under
    step: str = ""  #: STEP, REGIME or REGIME/STEP of a clock it has; empty where only one can be meant
    moment: datetime | None = None  #: when somebody became aware, or the report was made; None: `at`
    reference: str = ""  #: of the report, in the authority's words
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, its sentence, what legal is to look at, and the incident's clocks as they are now."""

    verdict: Verdict
    sentence: str
    flag: str = ""
    clocks: tuple[Clock, ...] = ()


async def mark(desk: Desk, wish: Wish) -> Outcome:
    """Start the clocks of these regimes, if the rules consent; ALREADY where all of them are known.

    One that runs is counted anew where somebody was aware earlier, never later. NotFound; BadInput without a reason or
    a regime, or for a moment that has not come.
    """
    _reasoned(wish, "Marking an incident as serious")
    if not wish.regimes:
        raise BadInput("No regime was named.", f"Name one of {_known(desk)}.")
    chosen = [_regime(desk, name) for name in dict.fromkeys(wish.regimes)]
    aware = _past(wish, "Somebody cannot become aware of it")
    return await desk.store.write(lambda tx: _mark(_case(tx, desk, wish), chosen, aware))


async def meet(desk: Desk, wish: Wish) -> Outcome:
    """Say that a report was made; one made after it was due is late, and said to be. NotFound; BadInput."""
    if not written.line(wish.reference, REFERENCE):
        raise BadInput("A report needs the authority's reference.", "Say what they call it, or how it was sent.")
    made = _past(wish, "A report cannot have been made")
    return await desk.store.write(lambda tx: _meet(_case(tx, desk, wish), made))


async def drop(desk: Desk, wish: Wish) -> Outcome:
    """Say why a clock does not apply; it can be taken back. NotFound; BadInput without a reason."""
    _reasoned(wish, "Dropping a clock")
    return await desk.store.write(lambda tx: _drop(_case(tx, desk, wish)))


async def take_back(desk: Desk, wish: Wish) -> Outcome:
    """Let a dropped clock run again, as if it had never stopped. NotFound; BadInput without a reason."""
    _reasoned(wish, "Letting a clock run again")
    return await desk.store.write(lambda tx: _take_back(_case(tx, desk, wish)))


async def listing(desk: Desk) -> list[Owed]:
    """The clocks that run, of every incident, the first to fall due first."""
    return list(await desk.store.read(lambda tx: serious_say.running(tx, desk)))


async def of(desk: Desk, typed: str) -> tuple[Incident, list[Owed]]:
    """The incident that is meant and all its clocks, each with what it is for. NotFound."""

    def read(tx: Tx) -> tuple[Incident, list[Owed]]:
        incident = incidents.find(tx, typed)
        return incident, [(clock, serious_say.duty(desk, clock)) for clock in clocks.of(tx, incident.id)]

    return await desk.store.read(read)


def owing(tx: Tx, desk: Desk, persons: Iterable[str]) -> dict[str, list[Owed]]:
    """For each person the clocks that run and that they would be paged for, the first to fall due first."""
    running, found = serious_say.running(tx, desk), {name: list[Owed]() for name in persons}
    about = incidents.by_ids(tx, {clock.incident for clock, _ in running})
    for one in running:
        incident = about[one[0].incident]
        crew = {name for ring in serious.RINGS for name in serious_clock.crew(tx, desk, incident, ring)}
        for name in crew & found.keys():
            found[name].append(one)
    return found


def may(tx: Tx, desk: Desk, entity: str) -> frozenset[str]:
    """Who may mark an incident and settle its clocks: who may lay a legal hold, and those `audit.serious_to` names."""
    return forbidden.wardens(desk, entity) | frozenset(serious_clock.answering(tx, desk))


@dataclass(frozen=True)
class _Case:
    """One wish about an incident that is locked: two replicas cannot start a clock twice, nor settle it as it warns."""

    tx: Tx
    desk: Desk
    incident: Incident
    wish: Wish

    @property
    def words(self) -> Words:
        return words.of(self.wish.language)

    @property
    def actor(self) -> str:
        return f"person:{self.desk.person(self.tx, self.wish.by)}"

    @property
    def why(self) -> str:
        return written.text(self.wish.why, WHY)

    @property
    def found(self) -> list[Clock]:
        return clocks.of(self.tx, self.incident.id)

    def duty(self, clock: Clock, w: Words) -> str:
        return serious_say.named(serious_say.duty(self.desk, clock), w)

    def clock(self, at: datetime) -> str:
        """By the asker's own clocks where the configuration knows them, else by the entity's."""
        person = self.desk.settings.people.persons.get(self.wish.by.removeprefix("person:"))
        return windows.clock(at, person.timezone if person else forbidden.zone(self.desk, self.incident.entity))

    def outcome(self, verdict: Verdict, sentence: str, flag: str = "") -> Outcome:
        return Outcome(verdict, sentence, flag, tuple(self.found))

    def consent(self, *, done: bool) -> Verdict:
        allowed = may(self.tx, self.desk, self.incident.entity)
        return consent.may_forbid(self.desk.person(self.tx, self.wish.by), allowed, done=done)

    def note(self, kind: str, after: Mapping[str, object], was: Mapping[str, object] | None = None) -> None:
        said = {**after, "via": self.wish.via, "as": self.wish.by}
        entry = Entry(self.incident.entity, kind, self.wish.at, self.actor, self.incident.id, self.why, was or {}, said)
        self.tx.note(entry)


def _case(tx: Tx, desk: Desk, wish: Wish) -> _Case:
    return _Case(tx, desk, incidents.get(tx, incidents.find(tx, wish.incident).id, lock=True), wish)


def _mark(case: _Case, chosen: Sequence[Regime], aware: datetime) -> Outcome:
    tx, incident = case.tx, case.incident
    known = {(clock.regime, clock.step): clock for clock in case.found}
    wanted = [one for each in chosen for one in serious.clocks(each, incident.id, aware, case.actor, case.why)]
    fresh = [clock for clock in wanted if (clock.regime, clock.step) not in known]
    pairs = [(known[key], clock) for clock in wanted if (key := (clock.regime, clock.step)) in known]
    moved = [(was, now) for was, now in pairs if was.standing is Standing.RUNNING and serious.stricter(was, now)]
    verdict = case.consent(done=not (fresh or moved))
    names = [each.name for each in chosen]
    said = {"incident": incident.id, "regimes": ", ".join(names)}
    if verdict is Verdict.ALREADY:
        return case.outcome(verdict, words.fill(case.words.serious.marked_already, **said))
    if verdict is not Verdict.GO:
        return _refused(case, "serious", verdict)
    case.note(MARKED, {"regimes": names, "aware": aware.isoformat()})
    clocks.add(tx, fresh)
    for clock in fresh:
        case.note(serious_clock.STARTED, _told(clock))
    for was, now in moved:
        clocks.save(tx, was, replace(was, since=now.since, due_at=now.due_at))
        case.note(serious_clock.STARTED, _told(now), _told(was))
    _tell(case, "told_marked", {**said, "aware": aware, "why": case.why})
    serious_clock.wind(tx, *case.found)
    template = case.words.serious.marked if fresh else case.words.serious.sooner
    flag = serious_say.offer(tx, case.desk, incident, names, case.words)
    return case.outcome(verdict, words.fill(template, aware=case.clock(aware), **said), flag)


def _meet(case: _Case, made: datetime) -> Outcome:
    before = serious.meant(case.found, case.wish.step, (Standing.RUNNING,))
    verdict = case.consent(done=before.standing is not Standing.RUNNING)
    if verdict is not Verdict.GO:
        return _not_taken(case, before, verdict, "reported")
    if made < before.since:
        raise BadInput("A report cannot have been made before anybody was aware.", "Look at the moment once more.")
    late, reference = made > before.due_at, written.line(case.wish.reference, REFERENCE)
    after = move(before, Standing.LATE if late else Standing.MET, made, case.actor, reference)
    _save(case, before, after, MET, {"made": made.isoformat(), "reference": reference, "late": late})
    _tell(case, "told_late" if late else "told_met", {"clock": after, "reference": reference})
    w = case.words.serious
    sentence = words.fill(
        w.said_late if late else w.said_met,
        duty=case.duty(after, case.words),
        incident=case.incident.id,
        due=case.clock(after.due_at),
    )
    return case.outcome(verdict, sentence)


def _drop(case: _Case) -> Outcome:
    before = serious.meant(case.found, case.wish.step, (Standing.RUNNING,))
    verdict = case.consent(done=before.standing is not Standing.RUNNING)
    if verdict is not Verdict.GO:
        return _not_taken(case, before, verdict, "drop")
    after = replace(move(before, Standing.DROPPED, case.wish.at, case.actor), why=case.why)
    _save(case, before, after, serious_clock.DROPPED, {"was": before.why})
    _tell(case, "told_dropped", {"clock": after, "why": case.why})
    duty = case.duty(after, case.words)
    sentence = words.fill(case.words.serious.said_dropped, duty=duty, incident=case.incident.id)
    return case.outcome(verdict, sentence)


def _take_back(case: _Case) -> Outcome:
    before = serious.meant(case.found, case.wish.step, (Standing.DROPPED,))
    verdict = case.consent(done=before.standing is not Standing.DROPPED)
    if verdict is not Verdict.GO:
        return _not_taken(case, before, verdict, "take-back")
    again = move(before, Standing.RUNNING, case.wish.at, case.actor)
    after = replace(again, settled_at=None, settled_by=None, why=case.why)
    _save(case, before, after, serious_clock.STARTED, {"again": True})
    _tell(case, "told_again", {"clock": after, "why": case.why})
    duty = case.duty(after, case.words)
    sentence = words.fill(case.words.serious.said_again, duty=duty, incident=case.incident.id)
    return case.outcome(verdict, sentence)


def _reasoned(wish: Wish, what: str) -> None:
    if not written.text(wish.why, WHY):
        raise BadInput(f"{what} needs a reason.", "Say why, for those who will ask.")


def _past(wish: Wish, what: str) -> datetime:
    """The moment that is meant, which has come. BadInput."""
    at = wish.moment or wish.at
    if at > wish.at:
        raise BadInput(f"{what} in the future.", "Give a moment that has come, or leave it out for now.")
    return at


def _regime(desk: Desk, typed: str) -> Regime:
    said = typed.strip().casefold()
    known = {regime.name.casefold(): regime for regime in desk.settings.audit.regimes}
    if said not in known:
        cure = documents.closest(said, known) or f"Known: {_known(desk)}."
        raise NotFound(f"There is no regime {typed.strip()[:60]!r}.", cure)
    return known[said]


def _known(desk: Desk) -> str:
    return ", ".join(regime.name for regime in desk.settings.audit.regimes)


def _refused(case: _Case, verb: str, verdict: Verdict) -> Outcome:
    wish, after = case.wish, {"verb": verb, "verdict": verdict.name, "via": case.wish.via}
    entry = Entry(case.incident.entity, "press.refused", wish.at, wish.by, case.incident.id, verdict.sentence)
    case.tx.note(replace(entry, after=after))
    return case.outcome(verdict, case.words.answer.verdicts.get(verdict.name, verdict.sentence))


def _not_taken(case: _Case, clock: Clock, verdict: Verdict, verb: str) -> Outcome:
    if verdict is not Verdict.ALREADY:
        return _refused(case, verb, verdict)
    w = case.words
    said = {"duty": case.duty(clock, w), "incident": case.incident.id}
    if clock.standing is Standing.RUNNING:
        return case.outcome(verdict, words.fill(w.serious.running_already, **said))
    standing = w.serious.standings[clock.standing.value]
    sentence = words.fill(w.serious.settled_already, **said, standing=standing, who=serious_say.who(clock))
    return case.outcome(verdict, sentence)


def _told(clock: Clock) -> Mapping[str, object]:
    """What entries say of a clock."""
    told = {"regime": clock.regime, "step": clock.step, "standing": clock.standing.value}
    return {**told, "since": clock.since.isoformat(), "due_at": clock.due_at.isoformat()}


def _save(case: _Case, before: Clock, after: Clock, kind: str, said: Mapping[str, object]) -> None:
    """The row, its entry, and what rings next."""
    clocks.save(case.tx, before, after)
    case.note(kind, {**_told(after), **said}, {"standing": before.standing.value})
    serious_clock.wind(case.tx, after)


def _tell(case: _Case, what: str, parts: Mapping[str, object]) -> None:
    """The channel's message, and everything that shows the incident; what people wrote is one line of it."""
    w, incident = words.of(case.desk.settings.slack.language), case.incident
    zone = forbidden.zone(case.desk, incident.entity)
    said: dict[str, object] = {"incident": incident.id, "who": case.actor.partition(":")[2]}
    about = ""
    for name, part in parts.items():
        if isinstance(part, Clock):
            said["duty"], about = case.duty(part, w), f"{part.regime}/{part.step}/"
        else:
            said[name] = windows.clock(part, zone) if isinstance(part, datetime) else written.line(str(part), SHOWN)
    key = f"{incident.id}/{what}/{about}{case.wish.at.isoformat()}"
    template = str(getattr(w.serious, what))
    escalate.owe(case.tx, key, f"channel:{case.desk.channel(incident)}", words.fill(template, **said), case.tx.now)
    escalate.redraw(case.tx, incident, case.tx.now)
