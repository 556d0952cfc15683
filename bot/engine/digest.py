"""The end of quiet hours: a digest of what waited, in the entity's channel; then what is still open pages."""

from datetime import datetime
from typing import Final

from bot import words
from bot.engine import escalate, waiting
from bot.engine.desk import Desk
from bot.model.incident import Incident, Phase
from bot.model.job import Job
from bot.rules import turns
from bot.store import Tx, incidents, jobs
from bot.words.card import Card

LISTED: Final = 20  #: incidents that are spelled out
TITLE = 120  # characters of a title


def tell(tx: Tx, desk: Desk, job: Job) -> None:
    """Owe the digest, and let the timers of what waited ring; where nothing waited nothing is said."""
    entity, until = str(job.payload["entity"]), datetime.fromisoformat(str(job.payload["until"]))
    since = datetime.fromisoformat(str(job.payload["since"]))
    found = incidents.waited(tx, entity, since, until)
    if not found:
        return
    card = words.of(desk.settings.slack.language).card
    local = until.astimezone(turns.zone(waiting.zone(desk, entity)))
    head = words.fill(card.digest, entity=entity, when=f"{local:%Y-%m-%d %H:%M %Z}", count=len(found))
    lines = [_line(incident, card) for incident in found[:LISTED]]
    if len(found) > LISTED:
        lines.append(words.fill(card.and_others, count=len(found) - LISTED))
    channel = f"channel:{desk.channel(found[0])}"
    jobs.put(tx, escalate.notice(f"digest/{entity}/{until.isoformat()}", channel, head, tx.now, lines))
    jobs.put(tx, *(waiting.timer(incident, tx.now) for incident in found if incident.phase is Phase.TRIGGERED))


def _line(incident: Incident, card: Card) -> str:
    """One incident: which, about what, and what becomes of it."""
    title = " ".join(incident.title.split())
    said = {"incident": incident.id, "severity": incident.severity.upper(), "title": title[:TITLE]}
    about = incident.model or incident.entity
    if not incident.open:
        return words.fill(card.digest_ended, **said, about=about)
    calm = incident.calm_since is not None
    return words.fill(card.digest_calm if calm else card.digest_paged, **said, about=about)
