"""Make the plan of a change: what serves now, what shall, and why that; the platform is read, nothing is written."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot import documents, words
from bot.engine import approvers, estate_report, kept, windows
from bot.engine.desk import Desk, Host
from bot.errors import BadInput, NotFound, PluginFault, Refused, Stale
from bot.model import seal
from bot.model.change import Change, Lever, Plan, Serving, Step
from bot.model.estate import Model
from bot.model.served import Version
from bot.rules import target, written
from bot.rules.target import Known, Target
from bot.store import Tx, changes, moved, troubles

T = TypeVar("T")

LISTED = 50  #: versions a platform is asked for
SHOWN, NAME, SENTENCE, WARNINGS = (
    10,
    80,
    300,
    10,
)  #: versions in a refusal; characters of a name and of a warning; warnings
BACK = {  #: the lever that takes another one's work back
    Lever.ROLLBACK: Lever.PROMOTE,
    Lever.PROMOTE: Lever.ROLLBACK,
    Lever.SHIFT: Lever.SHIFT,
    Lever.PAUSE: Lever.RESUME,
    Lever.RESUME: Lever.PAUSE,
}  #: a retrain changes nothing that serves, so there is nothing to take back
find = estate_report.find
_NEVER = frozenset({Step.REJECTED, Step.EXPIRED, Step.WITHDRAWN})
_HALTS = frozenset({Lever.PAUSE, Lever.RESUME})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done; neither a version nor a split leaves a rollback to the last known good."""

    lever: Lever
    model: str  #: its name or an alias
    version: str | None = None
    split: Mapping[str, float] | None = None  #: shares in percent
    incident: str | None = None
    why: str = ""
    language: str = "en"  #: of the answer
    glass: str = ""  #: why nobody shall be asked, where the runbook lets one break the glass
    undoes: str | None = None  #: the change it takes back; then that one says what shall serve
    by_itself: bool = False  #: a runbook or the clock asks, nobody else
    follows: str | None = None  #: the change it comes of by itself
    window: timedelta | None = None  #: how much data a retrain learns from; None: as its policy says
    seen: str | None = None  #: the digest of the plan that was shown before


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database knows about the wish."""

    rules: approvers.Rules
    known: Known
    undone: Change | None


async def draft(desk: Desk, wish: Wish, at: datetime) -> Plan:
    """The plan that would be proposed now. NotFound: no such model, version, incident or change.

    Refused: no platform, not one of its levers, serves already, nothing known to be good, unusable; Stale: what serves
    is not what the change to undo left; BadInput: shares that are none; PluginFault, NotDelivered: no platform answers.
    """
    model = estate_report.find(desk, wish.model)
    its, lever = host(desk, model), wish.lever
    undoes = wish.undoes
    undone = await desk.store.read(lambda tx: changes.find(tx, undoes)) if undoes else None
    if undone:
        lever = _back(undone, model, its)
    if lever not in its.platform.levers:
        offered = ", ".join(sorted(its.platform.levers)) or "none"
        raise Refused(f"{model.platform} cannot {lever} {model.name}.", f"What it can: {offered}.")
    facts = await gather(desk, model, lever, at)
    by = await desk.store.read(lambda tx: rules(tx, desk, wish, model, at))
    found = _Found(by, facts, undone)
    aim = _aim(replace(wish, lever=lever), found, desk.settings.changes.good_after, at)
    given = parameters(aim)
    now = facts.before
    after = await _ask(its, "wanted", lambda: its.platform.wanted(model.ref, lever, now, given))
    if after.same(now):
        raise Refused(f"{model.name} is so already: {said(now)}.", "Nothing needs to be done.")
    if undone and not after.same(undone.plan.before):
        raise Refused(f"The platform cannot put back what served before {undone.id}: {said(undone.plan.before)}.")
    plan = _plan(desk, model, lever, found, (aim, after, given))
    if not keeps(plan):
        raise PluginFault(f"{model.platform} says of {model.name} what cannot be kept.", "Tell the plugin's author.")
    return plan


def rules(tx: Tx, desk: Desk, wish: Wish, model: Model, at: datetime) -> approvers.Rules:
    """By which rules the wish is planned and agreed to. NotFound: there is no such incident."""
    lever = approvers.ruled_as(tx, wish.lever, wish.follows)
    return approvers.rules(tx, desk, model, wish.incident, at, lever)


def keeps(plan: Plan) -> bool:
    """Whether it is the same once it was written and read: no half of a surrogate pair, NUL, or what JSON has not."""
    try:
        return hashlib.sha256(seal.canonical(plan.spelled())).hexdigest() == plan.digest
    except TypeError:
        return False


def said(serving: Serving) -> str:
    """What serves, in a few words: `6`, or `6 90 %, 7 10 %`."""
    shares = (f"{written.line(version, NAME)} {share:g} %" for version, share in serving.split.items())
    text = written.line(serving.version, NAME) if serving.version else ", ".join(shares)
    return text or "-"


def host(desk: Desk, model: Model) -> Host:
    """The platform that runs it; Refused where there is none that can be asked."""
    if found := desk.hosts.get(model.platform or ""):
        return found
    what = f"No platform that Tocsin can ask runs {model.name}."
    raise Refused(what, "Name its connection as `platform` in config/estate.yaml, then reload.")


def _back(undone: Change, model: Model, host: Host) -> Lever:
    """With which lever it is taken back."""
    if undone.plan.model != model.name or undone.plan.connection != model.platform:
        raise Refused(f"{undone.id} changed {undone.plan.model} on {undone.plan.connection}, which is not this.")
    if undone.open and not undone.serves:
        raise Refused(f"{undone.id} is {undone.step} and has not ended.", "Wait, or withdraw it.")
    if undone.step in _NEVER:
        raise Refused(f"{undone.id} is {undone.step}: it changed nothing, so there is nothing to take back.")
    before = undone.plan.before
    if not before.split and not before.paused:
        raise Refused(f"Nothing served before {undone.id}, so there is nothing to go back to.")
    wanted = Lever.SHIFT if len(before.split) > 1 and undone.plan.lever not in _HALTS else BACK[undone.plan.lever]
    return wanted if wanted in host.platform.levers else undone.plan.lever


async def _ask(host: Host, part: str, act: Callable[[], Awaitable[T]]) -> T:
    """Reading is safe to repeat."""
    return await host.guard.call(part, act, idempotent=True)


async def gather(desk: Desk, model: Model, lever: Lever, at: datetime) -> Known:
    """Everything a target is chosen from: what the platform says now, our ledger, and when there was trouble.

    Refused: it has no platform; PluginFault, NotDelivered: that does not answer.
    """
    seen = await look(host(desk, model), model, lever)
    return await desk.store.read(lambda tx: known(tx, model, seen, at))


async def look(host: Host, model: Model, lever: Lever) -> Known:
    """What the platform says of the model; as much as this lever needs."""
    before = await _ask(host, "serving", lambda: host.platform.serving(model.ref))
    if lever in _HALTS:
        return Known(before, ())
    versions = await _ask(host, "versions", lambda: host.platform.versions(model.ref, LISTED))
    history = await _ask(host, "history", lambda: host.platform.history(model.ref)) if lever is Lever.ROLLBACK else ()
    return Known(before, versions, history=history, whole=len(versions) < LISTED)


def known(tx: Tx, model: Model, seen: Known, at: datetime) -> Known:
    """The same, with what we know ourselves."""
    ledger = moved.listing(tx, model.name)
    since = min([at, *(one.at for one in ledger), *(one.at for one in seen.history)])
    return kept.known(tx, model.name, replace(seen, ledger=ledger, troubles=troubles.of(tx, model.name, since)))


def _aim(wish: Wish, found: _Found, good_after: timedelta, at: datetime) -> Target | None:
    """What shall serve; None where the lever says all."""
    facts = found.known
    if found.undone:
        return _undoing(found.undone, facts.before)
    if wish.lever in _HALTS:
        return None
    split = _shares(wish)
    if split is not None:
        for version in split:
            _usable(version, facts)
        return target.asked(facts, split, good_after, at)
    if wish.lever is Lever.ROLLBACK:
        if aim := target.last_good(facts, good_after, at):
            return aim
        raise Refused("No version is known to have been good, so a person must choose one.", _choices(facts))
    what = "Say which version shall serve." if wish.lever is Lever.PROMOTE else "Say which shares of the traffic."
    raise Refused(what, _choices(facts))


def _undoing(undone: Change, now: Serving) -> Target:
    if not now.same(undone.plan.after):
        what = f"What serves now ({said(now)}) is not what {undone.id} left ({said(undone.plan.after)})."
        raise Stale(what, "Look at what serves, then propose what you want instead.")
    before = undone.plan.before
    return Target(before.split, target.LEDGER, good=True, raw=before.raw)


def _shares(wish: Wish) -> Mapping[str, float] | None:
    if wish.split is None:
        version = (wish.version or "").strip()
        return {version: 100.0} if version else None
    shares = {version.strip(): float(share) for version, share in wish.split.items()}
    if not shares or any(not 0 < share <= 100 for share in shares.values()) or abs(sum(shares.values()) - 100) > 0.01:
        raise BadInput("Those are no shares of the traffic.", "Each is above 0, and together they are 100.")
    return shares


def _usable(version: str, facts: Known) -> None:
    """NotFound, or Refused with why not."""
    one = next((each for each in facts.versions if each.id == version), None)
    if one is None and facts.whole:
        near = documents.closest(version[:NAME], [each.id for each in facts.versions if each.usable])
        raise NotFound(f"There is no version {version[:NAME]!r}.", f"{near} {_choices(facts)}".strip())
    if one is not None and not one.usable:
        why = written.line(one.why_not, SENTENCE) or "The platform does not say why."
        raise Refused(f"Version {version[:NAME]} may not serve: {why}", _choices(facts))


def _choices(facts: Known) -> str:
    found: Sequence[Version] = target.choices(facts)
    named = ", ".join(written.line(one.id, NAME) for one in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"There are: {named}{more}." if named else "The platform has no other version that may serve."


def parameters(aim: Target | None) -> dict[str, Any]:
    """What a platform is told of the target, as its contract has it."""
    if aim is None:
        return {}
    wanted: dict[str, Any] = {"version": aim.version} if aim.version else {"split": dict(aim.split)}
    return {**wanted, "raw": dict(aim.raw)} if aim.raw else wanted


def _plan(
    desk: Desk, model: Model, lever: Lever, found: _Found, what: tuple[Target | None, Serving, dict[str, Any]]
) -> Plan:
    aim, after, given = what
    book, action = found.rules.runbook, found.rules.action(lever)
    options = action.options if action else {}
    seconds, metric = options.get("verify_within"), options.get("metric")
    return Plan(
        lever=lever,
        model=model.name,
        connection=model.platform or "",
        ref=dict(model.ref),
        before=found.known.before,
        after=after,
        why_after=_why(desk, model, found, aim),
        effect=_effect(desk, model, lever, found.known.before, after),
        warnings=_warnings(desk, model, found, aim, after),
        runbook=book.name if book else "",
        revision=book.revision if book else "",
        verify_within=timedelta(seconds=seconds)
        if isinstance(seconds, int | float)
        else desk.settings.changes.verify_within,
        metric=metric if isinstance(metric, str) else None,
        parameters=given,
    )


def _why(desk: Desk, model: Model, found: _Found, aim: Target | None) -> str:
    """Why that shall serve, in the language of the channels: many read it."""
    say = words.of(desk.settings.slack.language).answer
    if found.undone:
        return words.fill(say.because_undo, change=found.undone.id)
    if aim is None:
        return say.because_lever
    version = said(Serving(aim.split))
    entity = desk.settings.estate.entities.get(model.entity)
    zone = entity.timezone if entity else "UTC"
    if aim.kept:
        template = say.because_kept if aim.source == target.KEPT else say.because_asked_kept
        named = {"change": aim.kept.change, "promoted": written.line(aim.kept.version, NAME)}
        until = aim.kept.until
        state = words.fill(say.kept_watched, until=windows.clock(until, zone)) if until else say.kept_wrong
        return words.fill(template, version=version, state=state, **named)
    if aim.since is None and (passed := found.known.passed.get(aim.version or "")):
        return words.fill(say.because_passed, version=version, change=passed)
    if not aim.good or aim.since is None:
        return words.fill(say.because_asked, version=version)
    # Nobody saw when it ended, where it serves no more.
    open_end = say.till_now if set(aim.split) & set(found.known.before.split) else say.till_moved
    span = {
        "since": windows.clock(aim.since, zone),
        "until": windows.clock(aim.until, zone) if aim.until else open_end,
    }
    templates = {
        target.LEDGER: say.because_ledger,
        target.HISTORY: say.because_history,
        target.ASKED: say.because_asked_good,
    }
    told = words.fill(templates[aim.source], version=version, **span)
    hours = desk.settings.changes.good_after.total_seconds() / 3600
    return f"{told} {say.good_watched if aim.well else words.fill(say.good_span, span=f'{hours:g} h')}"


def _effect(desk: Desk, model: Model, lever: Lever, before: Serving, after: Serving) -> str:
    say = words.of(desk.settings.slack.language).answer
    template = {Lever.PAUSE: say.will_pause, Lever.RESUME: say.will_resume}.get(lever, say.will_serve)
    parts = {"before": before, "after": after}
    told = {name: said(one) if one.split else say.served_by_none for name, one in parts.items()}
    return words.fill(template, model=model.name, **told)


def _warnings(desk: Desk, model: Model, found: _Found, aim: Target | None, after: Serving) -> tuple[str, ...]:
    """What whoever agrees should mind: ours, then the platform's own."""
    say = words.of(desk.settings.slack.language).answer
    before, feeds = found.known.before, desk.settings.estate.downstream(model.name)
    own = {
        say.mind_no_mark: before.guard is None,
        words.fill(say.mind_unknown, version=said(Serving(aim.split)) if aim else ""): _unknown(aim, found.known),
        words.fill(say.mind_split, before=said(before)): len(before.split) > 1,
        say.mind_paused: before.paused and after.paused,
        words.fill(say.mind_feeds, names=", ".join(feeds[:SHOWN])): bool(feeds),
    }
    return (*(sentence for sentence, holds in own.items() if holds), *theirs(after))


def theirs(after: Serving) -> tuple[str, ...]:
    """What the platform itself warns of before this serves."""
    found = after.raw.get("warnings", ())
    listed = [written.line(one, SENTENCE) for one in found if isinstance(one, str)] if _is_list(found) else []
    return tuple(listed[:WARNINGS])


def _unknown(aim: Target | None, known: Known) -> bool:
    """Whether nothing speaks for it: neither that it served well, nor that it passed its gate."""
    return aim is not None and not aim.good and aim.version not in known.passed


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)
