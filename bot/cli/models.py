"""`tocsin models`: what serves in production, since when, by whom, and whether it could be rolled back now."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import elsewhere, place, say

if TYPE_CHECKING:
    from bot.engine.estate_report import ModelStanding
    from bot.engine.retrain_report import Status
    from bot.model.change import Change, Plan, Serving
    from bot.model.served import WayBack
    from bot.rules.reversibility import Look

app = typer.Typer(name="models", help="What is in production, and its way back.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="MODEL", help="A model or agent by its name or an alias.")]
Live = Annotated[bool, typer.Option("--live", help="Ask the platform itself now; nothing is written.")]
Lost = Annotated[bool, typer.Option("--without-way-back", help="Only those that could not be rolled back.")]


@app.callback()
def group() -> None:
    """The estate: what is in production, and whether it could be rolled back now."""


@app.command("list")
def listing(lost: Lost = False, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Every model and agent, as the running bot saw it last."""
    found = [one for one in asyncio.run(_models(config)) if not (lost and one.way and one.way.possible)]
    if lost:
        found = [one for one in found if one.way]
    if json:
        say.data([shown(one) for one in found])
        return
    if not found:
        say.line("Every model that was looked at has a way back." if lost else "Nothing is catalogued.")
        return
    head = ("MODEL", "TEAM", "CRITICALITY", "PLATFORM", "SERVES", "SINCE", "BY", "WAY BACK", "OPEN CHANGE")
    say.table(head, [_row(one) for one in found])


@app.command()
def show(model: Name, live: Live = False, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """One of them: what serves, its last known good version, its way back, its last changes."""
    standing, seen, trained = asyncio.run(_model(config, model, live))
    if json:
        say.data(shown(standing) | {"retrain": _trained(trained)} | ({"live": _live(*seen)} if seen else {}))
        return
    for line in (*_drawn(standing), *_retrains(trained)):
        say.line(line)
    for line in _seen(*seen) if seen else ():
        say.line(line)


def shown(one: "ModelStanding") -> dict[str, Any]:
    """What programs read of it."""
    model = one.model
    return {
        "model": model.name,
        "kind": model.kind,
        "entity": model.entity,
        "owner": model.team,
        "criticality": model.criticality,
        "platform": model.platform,
        "ref": dict(model.ref),
        "serving": _spelled(one.serving),
        "since": say.plain(one.since),
        "by": one.by or None,
        "last_known_good": one.way.to if one.way else None,
        "way_back": say.plain(one.way),
        "open_change": one.change.id if one.change else None,
        "changes": [brief(change) for change in one.changes],
    }


def brief(change: "Change") -> dict[str, Any]:
    """A change in a few words."""
    plan = change.plan
    return {
        "id": change.id,
        "step": change.step.value,
        "lever": plan.lever.value,
        "model": plan.model,
        "from": _spelled(plan.before),
        "to": _spelled(plan.after),
        "requested_by": change.requested_by,
        "requested_at": say.plain(change.requested_at),
        "outcome": change.outcome,
    }


def serves(serving: "Serving | None") -> str:
    """`6`, `6 at 90 %, 7 at 10 %`, `nothing`, each of them `paused` where it is; `never seen` where nobody looked."""
    if serving is None:
        return "never seen"
    shares = ", ".join(f"{version} at {share:g} %" for version, share in serving.split.items())
    said = serving.version or shares or "nothing"
    return f"{said}, paused" if serving.paused else said


def moves(plan: "Plan") -> str:
    """`7 -> 6`; `7 stays` where nothing that serves is changed."""
    before, after = serves(plan.before), serves(plan.after)
    return f"{before} stays" if plan.before.same(plan.after) else f"{before} -> {after}"


def _spelled(serving: "Serving | None") -> dict[str, Any] | None:
    """Without its raw state, which is the platform's own and may be large."""
    return {"split": dict(serving.split), "paused": serving.paused} if serving else None


def _row(one: "ModelStanding") -> tuple[object, ...]:
    model, change = one.model, one.change
    opened = f"{change.id} {change.step}" if change else None
    way = "not looked at" if one.way is None else f"to {one.way.to}" if one.way.possible else "NONE"
    cells = (model.name, model.team, model.criticality, model.platform)
    return (*cells, serves(one.serving), one.since, who(one.by), way, opened)


def who(by: str) -> str:
    """Who did it, for people."""
    if by == "seen":
        return "nobody told us"
    kind, _, name = by.partition(":")
    return name if kind == "person" else f"{name} ({kind})" if name else kind


def _drawn(one: "ModelStanding") -> Iterator[str]:
    model = one.model
    yield f"{model.name}  ({model.kind} of {model.entity}, owned by {model.team}, criticality {model.criticality})"
    ref = ", ".join(f"{key} {value}" for key, value in model.ref.items())
    yield f"  platform:  {model.platform or 'none'}{f' ({ref})' if ref else ''}"
    since = f" since {say.when(one.since)}, by {who(one.by)}" if one.since else ""
    yield f"  serves:    {serves(one.serving)}{since}"
    yield from _way(one.way)
    if one.change:
        yield f"  open:      {_told(one.change)}"
    if one.changes:
        yield "Last changes:"
    for change in one.changes:
        yield f"  {say.when(change.requested_at)}  {_told(change)}{f': {change.outcome}' if change.outcome else ''}"


def _way(way: "WayBack | None") -> Iterator[str]:
    if way is None:
        yield "  way back:  nobody has looked yet; the running bot does, or ask with --live"
        return
    yield f"  last good: {way.to or 'none is known'}"
    yield f"  way back:  {f'yes, to {way.to}' if way.possible else 'NO'}. {way.why}"
    rehearsed = say.when(way.rehearsed_at) if way.rehearsed_at else "never"
    yield f"  rehearsed: {rehearsed}; looked at {say.when(way.looked_at)}"


def _told(change: "Change") -> str:
    return f"{change.id}  {change.plan.lever}  {moves(change.plan)}  {change.step}, by {change.requested_by}"


def _trained(one: "Status") -> dict[str, Any] | None:
    """What programs read of its retraining; None where it has no policy."""
    if one.policy is None:
        return None
    runs = [asked for asked, _ in (*([one.going] if one.going else []), *one.past)]
    last = {"last_run": brief(runs[0]) if runs else None, "going": one.going is not None}
    return {"policy": say.plain(one.policy), **last, "left": one.left, "currency": one.currency}


def _retrains(one: "Status") -> Iterator[str]:
    """Its policy, its last run and what may still be spent; `tocsin retrain status` has the rest."""
    if one.policy is None:
        yield "Retraining: none; it has no `retrain` in config/estate.yaml"
        return
    window, rest = say.length(one.policy.window), say.length(one.policy.cooldown)
    yield f"Retraining: on {window} of data, {rest} apart; see `tocsin retrain status {one.model}`"
    if one.going:
        yield f"  now:       {one.going[0].id}  {one.going[1].phase}"
    if one.past:
        change, run = one.past[0]
        made = f", made {run.version}" if run.version else ""
        yield f"  last run:  {change.id}  {change.step}{made}{f': {change.outcome}' if change.outcome else ''}"
    if one.left is not None:
        yield f"  left:      {one.left:g} {one.currency} this month"


def _live(look: "Look", way: "WayBack") -> dict[str, Any]:
    versions = [{"id": one.id, "usable": one.usable, "why_not": one.why_not} for one in look.versions]
    return {"serving": _spelled(look.serving), "versions": versions, "way_back": say.plain(way)}


def _seen(look: "Look", way: "WayBack") -> Iterator[str]:
    yield "Now, by the platform itself:"
    if look.serving:
        yield f"  serves:    {serves(look.serving)}"
    for version in look.versions:
        note = version.note if version.usable else f"NOT USABLE: {version.why_not or 'the platform says so'}"
        made = say.when(version.created_at) if version.created_at else "-"
        yield f"  version:   {version.id}  {made}  {note}".rstrip()
    yield from _way(way)


async def _models(config: Path) -> "list[ModelStanding]":
    from bot.engine import estate_report

    async with place.desk(config) as desk:
        return await estate_report.models(desk)


async def _model(config: Path, typed: str, live: bool) -> "tuple[ModelStanding, tuple[Look, WayBack] | None, Status]":
    from bot.engine import estate_report, retrain_report, waysback

    async with place.desk(config) as desk:
        standing = await estate_report.one(desk, typed)
        (trained,) = await retrain_report.status(desk, standing.model.name)
        if not live:
            return standing, None, trained
        with elsewhere.hosts(desk, standing.model.platform):
            return standing, await waysback.seen(desk, standing.model), trained
