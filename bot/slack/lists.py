"""Answers to typed commands: the open incidents, who is on call, and how to ask."""

from collections.abc import Sequence

from bot.engine import report
from bot.model.incident import Incident, Phase
from bot.slack import cards, pieces
from bot.slack.pieces import Json, Message

MOST = 20  # lines; a phone shows no more with any grace
HELP: dict[str, str] = {
    "/incident": "`/incident list` the open ones · `/incident show INC-7` · `/incident ack INC-7` · "
    "`/incident resolve INC-7` · INC-7 may be left out while only one is open",
    "/oncall": "`/oncall` everybody on call now and next · `/oncall ROTA` one rota",
}


def incidents(found: Sequence[Incident]) -> Message:
    """The newest open incidents, a line each."""
    if not found:
        return cards.notice("No incident is open.")
    rows = [_incident(incident) for incident in found[:MOST]]
    if len(found) > MOST:
        rows.append([pieces.say("… and more; the newest are shown.")])
    names = ", ".join(incident.id for incident in found[:MOST])
    return Message(pieces.push(f"Open incidents: {names}"), (pieces.lines(*rows),))


def which(act: str, found: Sequence[Incident]) -> Message:
    """Asks which incident is meant, when none was named and it is not the only one."""
    if not found:
        return incidents(found)
    first = pieces.lines([pieces.say(f"Which one? Write /incident {act} {found[0].id}, for example.")])
    listed = incidents(found)
    return Message(listed.text, (first, *listed.blocks))


def on_call(found: Sequence[report.OnCall]) -> Message:
    """Who holds each rota's pager, until when, and who is next."""
    if not found:
        return cards.notice("No rota is configured. Write one in config/rotas.yaml.")
    said = "; ".join(f"{one.rota}: {', '.join(p.name for p in one.persons) or 'nobody'}" for one in found[:MOST])
    rows = [row for one in found[:MOST] for row in _on_call(one)]
    return Message(pieces.push(f"On call: {said}"), (pieces.lines(*rows),))


def usage(command: str, why: str = "") -> Message:
    """How to ask; a hint, never a reproach."""
    text = " ".join(part for part in (why, HELP.get(command, HELP["/incident"])) if part)
    return cards.notice(text.replace("`", ""))


def _incident(incident: Incident) -> list[Json]:
    state = incident.phase.value if incident.phase is not Phase.TRIGGERED else f"waiting for {incident.tier}"
    held = f"{state} by {incident.holder}" if incident.holder and incident.phase is Phase.ACKNOWLEDGED else state
    about = f" {incident.severity.upper()} · {pieces.shorten(cards.subject(incident), 60)} · "
    return [
        pieces.loud(incident.id),
        pieces.say(about),
        pieces.say(incident.title, 100),
        pieces.say(f" · {held} · since "),
        pieces.when(incident.opened_at),
    ]


def _on_call(one: report.OnCall) -> list[list[Json]]:
    now = [pieces.loud(one.rota, 80), pieces.say(": ")]
    now += pieces.named(one.persons) if one.persons else [pieces.loud("nobody")]
    now += [pieces.say(" until "), pieces.when(one.shift.end)]
    if one.after is None:
        return [now]
    names = ", ".join(holder.person for holder in one.after.holders) or "nobody"
    return [now, [pieces.say(f"    then {pieces.shorten(names, 200)} until "), pieces.when(one.after.end)]]
