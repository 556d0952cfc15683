"""Every text a postmortem ever had, read from the log: what the bot drew, what people wrote, what came too late."""

from dataclasses import dataclass
from datetime import datetime

from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.entry import Sealed
from bot.model.postmortem import Postmortem
from bot.rules import sections
from bot.store import Tx, log

DRAWN = ("postmortem.drafted", "postmortem.refreshed")
OUTRUN = "postmortem.outrun"
KINDS = (*DRAWN, "postmortem.edited", OUTRUN)


@dataclass(frozen=True, slots=True)
class Version:
    """One text: which version it became (None: it came too late), when, by whom, and where it stands in the log."""

    ref: str  #: CHAIN/SEQ
    number: int | None
    at: datetime
    by: str
    what: str  #: drafted | refreshed | edited | outrun
    digest: str
    text: str


async def versions(desk: Desk, postmortem: Postmortem) -> list[Version]:
    """All of them, oldest first."""
    return await desk.store.read(lambda tx: [_version(one) for one in log.of_kinds(tx.sql, postmortem.id, KINDS)])


async def version(desk: Desk, postmortem: Postmortem, typed: str) -> Version:
    """The one somebody means by its number or its place in the log. NotFound."""
    for one in await versions(desk, postmortem):
        if typed.strip() in (one.ref, str(one.number)):
            return one
    do = f"`tocsin postmortem versions {postmortem.id}` lists them."
    raise NotFound(f"{postmortem.id} has no version {typed[:40]!r}.", do)


def wrote(tx: Tx, postmortem: Postmortem) -> sections.Wrote:
    """What the bot wrote into which section: by the entries of its drafts and refreshes, which nobody else can make."""
    known: dict[tuple[str, str], str] = {}
    for sealed in log.of_kinds(tx.sql, postmortem.id, DRAWN):
        said = {str(name): str(stamp) for name, stamp in dict(sealed.entry.after.get("sections", {})).items()}
        text = str(sealed.entry.after.get("text", ""))
        known |= {(one.name, one.digest): one.body for one in sections.read(text, _noted(said))}
    return lambda name, stamp: known.get((name, stamp))


def ever(tx: Tx, postmortem: Postmortem) -> set[str]:
    """The names of the sections that the bot wrote into it at any time."""
    drawn = log.of_kinds(tx.sql, postmortem.id, DRAWN)
    return {str(name) for sealed in drawn for name in dict(sealed.entry.after.get("sections", {}))}


def _noted(said: dict[str, str]) -> sections.Wrote:
    return lambda name, stamp: "" if said.get(name) == stamp else None


def _version(sealed: Sealed) -> Version:
    entry, said = sealed.entry, sealed.entry.after
    late = entry.kind == OUTRUN
    return Version(
        f"{entry.chain}/{sealed.seq}",
        None if late else int(said.get("version", 0)),
        entry.at,
        entry.actor.partition(":")[2] or "Tocsin",
        entry.kind.partition(".")[2],
        str(said.get("digest", ""))[:12],
        str(said.get("text", "")),
    )
