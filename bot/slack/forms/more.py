"""The menu of an incident: a button for everything the rules let its caller do now, and for looking closer."""

from bot.model.verb import Verb
from bot.slack import buttons, pieces
from bot.slack.buttons import Meant
from bot.slack.forms import lines, reading
from bot.slack.forms.form import Form, Scene
from bot.slack.pieces import Json

#: What stands together, in the order in which it is needed; the words for each verb are `do_VERB`.
ROWS = (
    (Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.HAND_OVER, Verb.SNOOZE),
    (Verb.PAGE, Verb.NOTE, Verb.REGRADE, Verb.MERGE),
    (Verb.RESOLVE, Verb.FALSE_ALARM),
)
LOOKS = ("explain", "timeline")
SILENCE = "silence"  #: the form that holds back what its alerts would open next


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    known = scene.known
    if known is None or known.incident is None:
        return lines.about(scene)
    rows = [[_button(scene, verb) for verb in row if verb in known.allowed] for row in ROWS]
    silence = [_button(scene, SILENCE)] if known.allowed else []
    rows.append([*silence, *(_button(scene, look) for look in LOOKS)])
    law = [*(["serious"] if known.marks else []), *(["reported"] if known.marks and known.owed else [])]
    rows.append([_button(scene, name) for name in law])
    little = [] if known.allowed else [pieces.lines([pieces.say(scene.w.form.nothing_allowed)])]
    return [*lines.about(scene), *little, *(pieces.row(*row) for row in rows if row)]


FORM = Form("more", "more_title", draw, load=reading.menu, typed="/incident show INC-7")


def _button(scene: Scene, verb: str) -> Json:
    w = scene.w.form
    incident = scene.known.incident if scene.known else None
    seen = incident.version if incident else 0
    label = str(getattr(w, f"do_{verb.replace('-', '_')}"))
    asked = None
    if verb in (Verb.RESOLVE, Verb.ESCALATE):
        asked = pieces.confirm(label, f"{scene.incident}: {getattr(w, f'sure_{verb}')}", label, w.cancel)
    style = "primary" if verb == Verb.ACKNOWLEDGE else None
    value = buttons.encode(Meant(verb, scene.incident, seen))
    return pieces.button(label, f"more.{verb}", value, style=style, confirm=asked)
