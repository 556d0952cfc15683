"""The outgoing people stay on call until somebody accepts: a change by hand of our own, for the one resolver to see."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import words
from bot.engine import disarmed, roster, rota_news
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.handover import BY, Handover
from bot.model.rota import Amendment, Override, Rota
from bot.rules import handover as rule
from bot.rules import rota as rota_rule
from bot.store import Tx, overrides


def keep(tx: Tx, desk: Desk, handover: Handover, most: datetime) -> tuple[str, ...]:
    """Keep each outgoing person on call from now until `most`; the ids of what was made.

    Whoever is away by then, or has somebody in their place, is not on call by that either, so nothing is made.
    """
    rota = roster.known(desk, handover.rota)
    found = [*desk.settings.overrides, *overrides.active(tx, tx.now, most, rota.name)]
    w = rota_news.language(desk, None).handing
    why = words.fill(w.kept, incoming=", ".join(handover.incoming), handover=handover.id)
    made = []
    for name in handover.outgoing:
        cover = Override("planned", rota.name, Amendment.COVER, tx.now, most, name, None, BY, why)
        if name in _paged(rota, cover, found):
            continue
        if name in _paged(rota, cover, [*found, cover]):
            made.append(_make(tx, desk, rota, cover))
    return tuple(made)


def still(tx: Tx, handover: Handover) -> tuple[str, ...]:
    """Who of them is kept now: somebody may have taken that back by hand."""
    found = overrides.active(tx, tx.now, tx.now + timedelta.resolution, handover.rota)
    return tuple(one.person for one in found if one.id in handover.covers and one.person)


def release(tx: Tx, desk: Desk, handover: Handover, actor: str) -> None:
    """Keep nobody any longer; what it did until now stays what was. Whatever somebody took back by hand is gone."""
    rota = roster.known(desk, handover.rota)
    for one in overrides.active(tx, tx.now, tx.now + 2 * rule.LONGEST, rota.name):
        if one.id not in handover.covers:
            continue
        if one.start < tx.now:
            overrides.cut(tx, one.id, tx.now)
        else:
            overrides.remove(tx, one.id)
        _note(tx, desk, rota, "rota.restored", one, actor)
    disarmed.ask(tx, tx.now)


def _paged(rota: Rota, cover: Override, found: list[Override]) -> set[str]:
    return {holder.person for holder in rota_rule.on_call(rota, cover.start, found)}


def _make(tx: Tx, desk: Desk, rota: Rota, cover: Override) -> str:
    made = replace(cover, id=overrides.next_id(tx))
    overrides.add(tx, made)
    _note(tx, desk, rota, "rota.amended", made, "tocsin")
    return made.id


def _note(tx: Tx, desk: Desk, rota: Rota, kind: str, override: Override, actor: str) -> None:
    about = {
        "override": override.id,
        "kind": override.kind.value,
        "start": override.start.isoformat(),
        "end": override.end.isoformat(),
        "person": override.person,
        "replaces": None,
        "via": "handover",
        "as": actor,
    }
    chain = rota_news.chain(desk, rota)
    tx.note(Entry(chain, kind, tx.now, actor, f"rota:{rota.name}", override.why, after=about))
