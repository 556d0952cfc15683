"""One fault, one page: a night of 10,000 messages of 40 causes, and how often Tocsin and Alertmanager wake somebody."""

import argparse
import asyncio
import os
import platform
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop

from bench.parts import load, storm, tocsin
from bench.parts.tocsin import House
from bot.sandbox.workspace.nouns import Json
from bot.sandbox.workspace.remote import Remote
from bot.slack import facts
from tests.parts import Missing, alertmanager, folder, free_port, process

TICK = 1.0  #: seconds of the night that are posted together, each alert a part of one request
MOST = 64  #: alerts in a request, as Prometheus has it
PATH = "/api/v2/alerts"
#: What the users of Alertmanager write: its own example's waits, grouped by alert and model.
ROUTE = alertmanager.Route(("alertname", "model"), group_wait="30s", group_interval="5m", repeat_interval="4h")
COUNTED = re.compile(r"(\d+) of (\d+) alerts firing(?:, repeats: (\d+))?")  #: of repeats only so much as a card tells
MODEL = re.compile(r"\b(?:table|fed|model|agent)-\d\d(?:-[abc])?\b")
ENOUGH = 70.0  #: seconds without a change after which a card that is not right is taken for final
OWNERS = {model: cause for cause in range(storm.CAUSES) for model in storm.models(cause)}


@dataclass
class Night:
    """What somebody saw of it; moments are seconds since its first message."""

    pages: list[tuple[float, int]] = field(default_factory=list)  #: when, and of which cause
    causes: set[int] = field(default_factory=set)  #: of which they heard
    last: float = 0.0  #: when the last message was posted
    right: float = float("nan")  #: when the last card took its last shape
    wrong: list[str] = field(default_factory=list)  #: cards whose counts are not what was told
    refused: int = 0


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.noise", description=__doc__)
    parser.add_argument("--only", choices=["tocsin", "alertmanager"], help="leave the other out")
    return parser.parse_args()


def requests() -> Iterator[tuple[float, list[storm.Told]]]:
    """What is posted when: the messages of one tick, so many at most in one request."""
    ticks: dict[int, list[storm.Told]] = {}
    for told in storm.night():
        ticks.setdefault(int(told.at / TICK), []).append(told)
    for tick, found in sorted(ticks.items()):
        for at in range(0, len(found), MOST):
            yield (tick + 1) * TICK, found[at : at + MOST]  # none is told before it happened


async def play(port: int, night: Night) -> float:
    """Post the whole night in its own time; the Unix time of its beginning."""
    connection = await load.Connection.to(port)
    began, start = datetime.now(UTC), time.monotonic()
    unix = time.time()
    for at, told in requests():
        await asyncio.sleep(max(0.0, start + at - time.monotonic()))
        wire = load.request(PATH, storm.body(told, began), secret=folder.SECRET)
        status, _ = await connection.ask(wire)
        night.refused += status // 100 != 2
    night.last = time.monotonic() - start
    connection.close()
    return unix


async def ours() -> Night:
    """Tocsin's night: a page is a direct message, a card a message in the channel."""
    night = Night()
    with tempfile.TemporaryDirectory() as scratch, tocsin.databases("sqlite") as kept:
        home, port = Path(scratch), free_port()
        config = folder.write(home, port)
        _catalogue(config)
        with kept.fresh(home) as url:
            async with tocsin.workspace(home) as slack:
                env = folder.env(url, slack["url"], slack["bot_token"], slack["app_token"]) | {
                    "TOCSIN_SLACK_PACE": "on"
                }
                remote = Remote(slack["origin"], slack["control_token"])
                async with process.Serve(config, port, env) as serve, remote:
                    unix = await play(port, night)
                    await _read(House(serve, remote), night, unix)
    return night


def _catalogue(config: Path) -> None:
    """What a team would write: whose each model is, which tables feed it, and that a flapping alert is one incident."""
    entities = "\n".join(f"  - {{name: {name}}}" for name in storm.ENTITIES)
    rows = []
    for cause in range(storm.CAUSES):
        first, *fed = storm.models(cause)
        kind = "data" if fed else first.partition("-")[0]
        feeds = f", feeds: [{', '.join(fed)}]" if fed else ""
        owned = f"entity: {storm.entity(cause)}, team: churn-ml"
        rows.append(f"  - {{name: {first}, kind: {kind}, {owned}{feeds}}}")
        rows += [f"  - {{name: {name}, kind: model, {owned}}}" for name in fed]
    text = f"entities:\n{entities}\nmodels:\n" + "\n".join(rows) + "\n"
    (config / "estate.yaml").write_text(text, encoding="utf-8")
    book = config.parent / "runbooks" / "anything.md"
    head = book.read_text(encoding="utf-8").replace("repeats: 0", "calm: {after: 2m}\nrepeats: 0", 1)
    book.write_text(head.replace("repeats: 2", "calm: {after: 2m}\nrepeats: 2", 1), encoding="utf-8")


async def _read(house: House, night: Night, unix: float) -> None:
    """Wait until every card is right, or nothing changes any more; what was seen, from the journal."""
    heard, moved = 0, time.monotonic()
    cards: dict[str, tuple[float, str]] = {}
    while time.monotonic() - moved < ENOUGH and not (cards and all(_right(shown) for _, shown in cards.values())):
        heard, changes = await house.slack.changes(after=heard)
        for change in changes:
            _note(change, night, cards, unix)
        if changes:
            moved = time.monotonic()
        await asyncio.sleep(0.1)
    night.causes = {cause for _, cause in night.pages}
    night.right = max((at for at, _ in cards.values()), default=float("nan"))
    night.wrong = [shown for _, shown in cards.values() if not _right(shown)]


def _note(change: Json, night: Night, cards: dict[str, tuple[float, str]], unix: float) -> None:
    """A page, or what a card shows from then on."""
    message = change.get("message")
    found = MODEL.search(message["shown"]) if message else None
    if not message or found is None:
        return
    at, shown = datetime.fromisoformat(change["at"]).timestamp() - unix, message["shown"]
    if message["channel"].startswith("D"):
        if change["kind"] == "post":
            night.pages.append((at, OWNERS[found[0]]))
    elif not message.get("thread_ts") and cards.get(message["ts"], (0.0, ""))[1] != shown:
        cards[message["ts"]] = (at, shown)


def _right(shown: str) -> bool:
    """Whether the counts on a card are those that were told: a table holds back what it feeds, flapping is over."""
    cause = OWNERS[MODEL.findall(shown)[0]]
    again = storm.SENDS - 1
    if cause < storm.TABLES:
        return f"1 alert, firing, repeats: {facts.about(again)}" in shown
    counted = COUNTED.search(shown)
    if counted is None:
        return False
    firing, total, repeats = (int(each or 0) for each in counted.groups())
    if cause < storm.CAUSES - storm.FLAPS:
        return (firing, total, repeats) == (50, 50, 50 * again)
    return (firing, total) == (0, 25 * storm.SENDS)


async def theirs() -> Night:
    """Alertmanager's night: a page is a notification that something fires."""
    night = Night()
    calls: list[tuple[float, dict[str, object]]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            calls.append((time.time(), orjson.loads(await reader.readexactly(load.length(head)))))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    sink = await asyncio.start_server(accept, "127.0.0.1", 0, limit=1 << 24)
    url = f"http://127.0.0.1:{sink.sockets[0].getsockname()[1]}/"
    with tempfile.TemporaryDirectory() as scratch:
        async with alertmanager.Alertmanager(Path(scratch), url, route=ROUTE) as part:
            unix = await play(part.port, night)
            await asyncio.sleep(40)  # what waits for its group is still to come
    sink.close()
    for at, said in calls:
        labels = said["groupLabels"]
        if said["status"] == "firing" and isinstance(labels, Mapping):
            night.pages.append((at - unix, OWNERS[str(labels["model"])]))
    night.causes = {cause for _, cause in night.pages}
    return night


async def run(asked: argparse.Namespace) -> None:
    """Play the night to each of them and print what they made of it."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; one night each")
    told = storm.night()
    print(f"{len(told):,} messages of {storm.CAUSES} causes within {told[-1].at:.0f} s, as Prometheus posts them\n")
    if asked.only != "alertmanager":
        print("\n".join(_lines("Tocsin", await ours(), cards=True)))
    if asked.only != "tocsin":
        try:
            alertmanager.program()
        except Missing as missing:
            print(missing)
            return
        print("\n".join(_lines("Alertmanager", await theirs(), cards=False)))


def _lines(who: str, night: Night, *, cards: bool) -> Iterator[str]:
    pages, first = len(night.pages), min((at for at, _ in night.pages), default=float("nan"))
    often = Counter(cause for _, cause in night.pages)
    target = " (target: one for each cause: "
    verdict = "reached)" if pages == storm.CAUSES == len(night.causes) else "MISSED)"
    yield f"{who}"
    yield f"  pages                            {pages}{target + verdict if cards else ''}"
    yield f"  causes somebody was paged for    {len(night.causes)} of {storm.CAUSES}"
    yield f"  most pages for one cause         {max(often.values(), default=0)}"
    yield f"  first page after                 {first:.2f} s{_met(first < 2, '< 2 s') if cards else ''}"
    if cards:
        late = max(0.0, night.right - night.last)
        yield f"  cards right after the last alert {late:.2f} s{_met(late < 5, '< 5 s')}"
        yield f"  cards with wrong counts          {len(night.wrong)}"
        yield from (f"    {shown[:200]!r}" for shown in night.wrong[:3])
    yield f"  requests refused                 {night.refused}"


def _met(reached: bool, target: str) -> str:
    return f" (target {target}: {'reached' if reached else 'MISSED'})"


if __name__ == "__main__":
    uvloop.run(run(options()))
