"""Put postmortems where people read: each once at every destination, brought up to date, and never in anybody's way.

An attempt whose outcome nobody knows is simply made again: an exporter looks for the document's id first.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import words
from bot.contract.exporter import Document, Exported, Picture
from bot.engine import escalate, incident_picture, postmortem_news, work
from bot.engine.desk import Desk, Outlet
from bot.errors import NotDelivered, NotFound, TocsinError
from bot.failpoint import failpoint
from bot.model.entry import Context, Entry
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.postmortem import Export, Postmortem, Sent
from bot.rules import written
from bot.runbooks import page
from bot.store import Tx, exports, incidents, jobs, postmortems

KIND = "export"
EXPORTED, UNEXPORTED = "postmortem.exported", "postmortem.unexported"
LOCAL = "files"  #: the plugin that keeps documents on this machine: every one is put there, asked for or not
MOST = 40  #: attempts at a destination that is away: more than a day
_LONGEST_WAIT = 3600.0  # seconds between two attempts
_LONGEST = 500  # characters of a failure, or of a link, that are kept


@dataclass(frozen=True)
class _Wish:
    """What one job has to do, as it stands when it is begun."""

    postmortem: Postmortem
    incident: Incident
    export: Export
    behalf: str = ""  #: who asked for it by hand


def destinations(desk: Desk) -> tuple[str, ...]:
    """The connections that every published postmortem goes to."""
    local = (one.name for one in desk.settings.connections if one.plugin == LOCAL)
    return tuple(dict.fromkeys((*desk.settings.postmortems.exports, *local)))


def owe(tx: Tx, desk: Desk, document_id: str, *, to: str | None = None, by: str = "tocsin") -> tuple[str, ...]:
    """Let the document stand, as it is by then, at all destinations or only at the connection `to`; their names.

    Nothing waits for it. NotFound where there is no such document or connection.
    """
    document = postmortems.get(tx, document_id)
    if to is not None and to not in {one.name for one in desk.settings.connections}:
        raise NotFound(f"There is no connection {to[:40]!r}.", "See `connections` in config/tocsin.yaml.")
    names = destinations(desk) if to is None else (to,)
    for name in names:
        known = exports.find(tx, document.id, name, lock=True) or Export(document.id, name, Sent.OWED, 0, tx.now)
        fresh = replace(known, standing=Sent.OWED, version=document.version, changed_at=tx.now, attempts=0, failure="")
        exports.save(tx, fresh)
        said = {"document": document.id, "connection": name, "by": by}
        # The lane with many slots: a destination that hangs for two minutes may not keep a digest from going out.
        jobs.put(tx, NewJob(f"{KIND}/{document.id}/{name}", KIND, Lane.CARD, tx.now, said))
    return names


async def document(desk: Desk, postmortem: Postmortem, incident: Incident, reference: str = "") -> Document:
    """The postmortem as exporters are given it; where no pictures can be drawn it has none."""
    try:
        pictures: tuple[Picture, ...] = await incident_picture.pictures(desk, incident.id)
    except TocsinError:
        pictures = ()
    text = page.bare(postmortem.text)
    named = {one.name: one.png for one in pictures}
    labels = {"severity": incident.severity, "model": incident.model or "", "standing": postmortem.standing.value}
    return Document(
        id=postmortem.id,
        version=postmortem.version,
        title=written.line(postmortem.title, _LONGEST) or postmortem.id,
        incident=postmortem.incident,
        entity=postmortem.entity,
        at=postmortem.changed_at,
        markdown=text,
        html=await asyncio.to_thread(page.html_of, f"{postmortem.id}: {postmortem.title}", text, named),
        pictures=pictures,
        labels={name: value for name, value in labels.items() if value},
        reference=reference,
    )


class Exports:
    """The handler of the jobs `export`."""

    def __init__(self, desk: Desk) -> None:
        """`desk.outlets` are the destinations."""
        self._desk = desk

    async def put(self, job: Job) -> work.Outcome:
        """Let the newest version stand at one destination; what fails in passing is tried for more than a day."""
        its, connection = str(job.payload["document"]), str(job.payload["connection"])
        by = str(job.payload.get("by") or "")
        wish = await self._desk.store.read(lambda tx: _load(tx, its, connection, "" if by == "tocsin" else by))
        if wish is None:
            return work.Done()
        outlet = self._desk.outlets.get(connection)
        if outlet is None:
            return work.Dead("no exporter", self._failed(wish, f"The connection {connection} takes no documents."))
        try:
            given = await document(self._desk, wish.postmortem, wish.incident, wish.export.reference)
            stands = await _put(outlet, given)
        except TocsinError as error:
            return self._again(wish, error)
        failpoint("after_send")
        return work.Done(_stands(wish, stands))

    def _again(self, wish: _Wish, error: TocsinError) -> work.Outcome:
        why, tried = written.line(str(error), _LONGEST), wish.export.attempts
        if not error.retry or tried >= MOST:
            return work.Dead(why, self._failed(wish, why))
        asked = error.after if isinstance(error, NotDelivered) and error.after is not None else 0.0
        wait = max(asked, min(_LONGEST_WAIT, 2.0 ** min(tried, 12)))
        return work.Later(self._desk.clock.now() + timedelta(seconds=wait), why, then=_tried(wish, why))

    def _failed(self, wish: _Wish, why: str) -> Callable[[Tx], None]:
        """It is given up, and whoever owns the document is told, else the incident's channel."""

        def then(tx: Tx) -> None:
            export = _now(tx, wish)
            if export.standing is Sent.OWED and export.version > wish.postmortem.version:
                return  # a newer version was asked for meanwhile, and is tried on its own account
            exports.save(tx, replace(export, standing=Sent.FAILED, failure=why, changed_at=tx.now))
            postmortem_news.redraw(tx, wish.incident.id)
            _note(tx, wish, UNEXPORTED, why)
            self._tell(tx, wish, why)

        return then

    def _tell(self, tx: Tx, wish: _Wish, why: str) -> None:
        settings, of = self._desk.settings, wish.postmortem
        person = settings.people.persons.get(of.owner or "")
        said = words.of(person.language if person and person.language else settings.slack.language).exporting
        text = words.fill(said.failed, document=of.id, title=of.title, connection=wish.export.connection, why=why)
        to = f"person:{person.name}" if person else f"channel:{self._desk.channel(wish.incident)}"
        escalate.owe(tx, f"{of.id}/{of.version}/{wish.export.connection}/unexported", to, text, tx.now)


async def _put(outlet: Outlet, given: Document) -> Exported:
    stands: object = await outlet.guard.call("put", lambda: outlet.exporter.put(given))
    if not isinstance(stands, Exported) or not stands.reference:
        raise NotDelivered("Its plugin does not say where the document stands.", "Tell the plugin's author.")
    return stands


def _load(tx: Tx, document_id: str, connection: str, behalf: str) -> _Wish | None:
    """What is owed; None when nothing is."""
    export = exports.find(tx, document_id, connection)
    if export is None or export.standing is not Sent.OWED:
        return None
    postmortem = postmortems.get(tx, document_id)
    return _Wish(postmortem, incidents.get(tx, postmortem.incident), export, behalf)


def _now(tx: Tx, wish: _Wish) -> Export:
    return exports.find(tx, wish.postmortem.id, wish.export.connection, lock=True) or wish.export


def _tried(wish: _Wish, why: str) -> Callable[[Tx], None]:
    def then(tx: Tx) -> None:
        export = _now(tx, wish)
        exports.save(tx, replace(export, attempts=export.attempts + 1, failure=why, changed_at=tx.now))
        if export.failure != why:
            postmortem_news.redraw(tx, wish.incident.id)

    return then


def _stands(wish: _Wish, stands: Exported) -> Callable[[Tx], None]:
    """It stands there; where a newer version was asked for meanwhile, that one is still owed."""

    def then(tx: Tx) -> None:
        export, version = _now(tx, wish), wish.postmortem.version
        stood = replace(export, reference=stands.reference, link=stands.link[:_LONGEST], failure="", changed_at=tx.now)
        if not (export.standing is Sent.OWED and export.version > version):
            stood = replace(stood, standing=Sent.DONE, version=version, attempts=export.attempts + 1)
        exports.save(tx, stood)
        postmortem_news.redraw(tx, wish.incident.id)
        _note(tx, wish, EXPORTED, reference=stood.reference, link=stood.link)

    return then


def _note(tx: Tx, wish: _Wish, kind: str, why: str = "", **more: str) -> None:
    of, incident = wish.postmortem, wish.incident
    after = {"document": of.id, "connection": wish.export.connection, "version": of.version, **more}
    context = Context(behalf=wish.behalf)
    tx.note(Entry(incident.entity, kind, tx.now, "tocsin", incident.id, why, after=after, context=context))
