"""The form that puts a message into the timeline of an incident, where its place does not tell which."""

from bot.engine import annotate
from bot.errors import BadInput, NotFound
from bot.model.verdict import Verdict
from bot.slack import pieces
from bot.slack.client import SlackFault
from bot.slack.forms import fields, lines, note, reading
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Form, Problem, Scene
from bot.slack.pieces import Json


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w = scene.w.form
    asked = lines.about(scene)
    if not scene.incident and not (scene.known and scene.known.open):
        return asked
    text = Field("text", w.message, w.note_placeholder)
    return [
        *asked,
        fields.text(text, scene.filled.get("text", ""), lines=True),
        lines.preview(scene, [pieces.say(w.timeline_add_means)]),
    ]


async def send(errand: Errand) -> Done | Again:
    """Add it; a message that stands there already is as good as added."""
    try:
        noted = await annotate.add(errand.desk, await of(errand))
    except (BadInput, NotFound) as error:
        return Again(Problem(str(error), "text" if isinstance(error, BadInput) else "incident"))
    if noted.verdict in (Verdict.GO, Verdict.ALREADY):
        return Done(([pieces.say(noted.sentence, 2_000)],))
    return Again(Problem(noted.sentence))


async def of(errand: Errand) -> annotate.Note:
    """The message as a note, with where it stands and who wrote it."""
    seed, caller = errand.seed, errand.caller
    return annotate.Note(
        errand.incident,
        errand.filled.get("text", ""),
        caller.by,
        errand.now,
        caller.asked.via,
        author=f"slack:{seed.author}" if seed.author else None,
        message=f"{seed.channel}/{seed.message}" if seed.message else None,
        permalink=await permalink(errand),
        language=caller.words.language,
    )


async def permalink(errand: Errand) -> str | None:
    """Where the message stands that the form was opened from; None when there is none, or Slack does not say."""
    seed = errand.seed
    if not seed.message:
        return None
    client = errand.talk.offices.of(errand.caller.asked.at_home).client
    try:
        answer = await client.call("chat.getPermalink", channel=seed.channel, message_ts=seed.message)
    except SlackFault:
        return None
    return str(answer.get("permalink") or "") or None


FORM = Form(
    "timeline-add",
    "timeline_add_title",
    draw,
    submit="timeline_add_submit",
    load=reading.incident,
    check=note.check,
    send=send,
    words_in="text",
    typed="/incident note INC-7",
)
