"""`tocsin pager`: how everybody is reached, which addresses count, and whether a page would come."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, place, say

if TYPE_CHECKING:
    from bot.engine.addresses import Reached
    from bot.engine.desk import Desk
    from bot.engine.selftest import Result
    from bot.model.paged import Test

app = typer.Typer(name="pager", help="How people are reached: ways, addresses, tests.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="PERSON", help="Somebody of config/people.yaml.")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help="phone, email or push; or a channel, as in sms.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="The six digits that came.")]
Only = Annotated[str | None, typer.Option("--person", help="Theirs alone.")]

SOON = 1.0  # seconds for what the chat has in hand when the command ends
STANDINGS = {
    "fine": "needs no confirming",
    "confirmed": "confirmed",
    "asked": "not confirmed: a code was sent",
    "unconfirmed": "not confirmed: pages do not go there",
    "stopped": "stopped by STOP: pages do not go there",
    "missing": "no such address in people.yaml",
    "absent": "nothing here sends pages this way",
}


@app.callback()
def group() -> None:
    """How people are reached: their ways, which addresses they have confirmed, and tests of both."""


@app.command("list")
def listing(who: Only = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Each way of everybody, whether pages go there, and what came of its last test."""
    rows = asyncio.run(_listing(config, who))
    if json:
        say.data(rows)
        return
    head = ("PERSON", "WAY", "ADDRESS", "STANDING", "LAST TEST", "RESULT")
    say.table(head, [_row(one) for one in rows])


@app.command()
def verify(
    who: Who, kind: Kind, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Send a code to an address, which counts once the code was sent back: yours, or of somebody you answer for."""
    _say(asyncio.run(_verify(config, who, kind, me)), json)


@app.command()
def confirm(
    who: Who, code: Code, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Send back the code that came to an address of yours: pages go there from then on."""
    _say(asyncio.run(_confirm(config, who, code, me)), json)


@app.command("test")
def try_out(who: Who, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Send somebody a test page by each of their ways at once. One that is not taken fails the command."""
    results = asyncio.run(_test(config, who))
    if json:
        say.data(results)
    else:
        for result in results:
            say.line(result.sentence)
    if not all(result.ok for result in results):
        raise typer.Exit(door.FAILED)


def _say(sentence: str, json: bool) -> None:
    if json:
        say.data({"sentence": sentence})
    else:
        say.line(sentence)


async def _listing(config: Path, who: str | None) -> list[Mapping[str, object]]:
    from bot.engine import addresses
    from bot.store import page_tests

    async with place.desk(config) as desk:
        elsewhere.open_ways(desk)
        persons = None if who is None else [place.person(who, desk.settings.people)]
        found = await desk.store.read(lambda tx: addresses.listing(tx, desk, persons))
        tests = {(one.person, one.channel): one for one in await desk.store.read(page_tests.listing)}
    return [_shown(one, tests.get((one.person, one.channel))) for one in found]


def _shown(one: "Reached", test: "Test | None") -> Mapping[str, object]:
    row: dict[str, object] = {"person": one.person, "way": one.channel, "kind": one.kind, "address": one.to}
    row |= {"standing": one.standing, "counts": one.counts}
    return row | {"tested_at": test.sent_at if test else None, "test": _result(test) if test else None}


def _result(test: "Test") -> str:
    if test.failure is not None:
        return f"failed: {test.failure}"
    return f"answered {say.when(test.answered_at)}" if isinstance(test.answered_at, datetime) else "not answered"


def _row(row: Mapping[str, object]) -> tuple[object, ...]:
    standing = STANDINGS[str(row["standing"])]
    return row["person"], row["way"], row["address"], standing, row["tested_at"], row["test"]


async def _verify(config: Path, who: str, kind: str, me: str | None) -> str:
    from bot.engine import addresses

    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"
        with _pagers(desk):
            return await addresses.ask(desk, who, kind, by, desk.clock.now())


async def _confirm(config: Path, who: str, code: str, me: str | None) -> str:
    from bot.engine import addresses

    async with place.desk(config) as desk:
        by = f"person:{place.person(me, desk.settings.people)}"
        return await addresses.confirm(desk, who, code.strip(), by, desk.clock.now())


async def _test(config: Path, who: str) -> "list[Result]":
    from bot.engine import selftest

    async with place.desk(config) as desk:
        with _pagers(desk):
            async with _chat(desk):
                return await selftest.send(desk, who, desk.clock.now())


@contextmanager
def _pagers(desk: "Desk") -> "Iterator[None]":
    """The channels of the connections, as the running bot has them, until the end of the block."""
    from bot import app as bot
    from bot import registry

    own = desk.settings
    found = registry.discover(names={one.plugin for one in own.connections})
    linked = registry.Registry(found, desk.clock, own.web.address).connect(own.connections)
    for fault in linked.faults:
        say.warning(str(fault))
    desk.ways |= bot.ways(linked.parts, desk.clock)
    try:
        yield
    finally:
        for part in linked.parts.values():
            part.guard.close()


@asynccontextmanager
async def _chat(desk: "Desk") -> AsyncIterator[None]:
    """The chat's own channel beside them, where there is a chat; it only sends."""
    from bot import app as bot
    from bot.contract.guard import Guard
    from bot.engine.desk import Way

    own = desk.settings.slack
    if own.mode == "off":
        yield
        return
    from bot.slack.door import Door

    chat = Door(desk, own)
    desk.ways["slack"] = Way(chat.pager, Guard("slack", desk.clock, deadline=bot.PAGED), "slack")
    await chat.start(listen=False)
    try:
        yield
    finally:
        await chat.stop(SOON)
