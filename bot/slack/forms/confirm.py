"""The form in which somebody confirms an address of theirs: opening it sends a code there, which is typed in here."""

from bot import words
from bot.engine import addresses
from bot.errors import Refused
from bot.slack import pieces
from bot.slack.forms import fields
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.pieces import Json
from bot.words import Words

DIGITS = 6


async def load(errand: Errand) -> Known:
    """Send the code, and say where it went; what comes back wrong sends none. Refused, NotDelivered, PluginFault."""
    if errand.key or errand.caller.person is None:
        return Known()
    who, at = errand.caller.person.name, errand.now
    return Known(why=await addresses.ask(errand.desk, who, errand.seed.address, errand.caller.by, at))


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    say, sent = scene.w.confirming, scene.known.why if scene.known else ""
    intro = words.fill(say.form_intro, sentence=sent).strip()
    code = Field("code", say.form_code, say.form_hint)
    return [
        pieces.lines([pieces.say(intro, 500)]),
        fields.text(code, scene.filled.get("code", ""), most=20),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    said = filled.get("code", "").strip()
    return {} if len(said) == DIGITS and said.isascii() and said.isdigit() else {"code": w.confirming.form_hint}


async def send(errand: Errand) -> Done | Again:
    """The code was sent back. Refused for whom nobody knows."""
    if errand.caller.person is None:
        raise Refused("You are nobody in config/people.yaml.", "Ask your ML platform team.")
    name, kind, code = errand.caller.person.name, errand.seed.address, errand.filled["code"].strip()
    try:
        told = await addresses.confirm(errand.desk, name, code, errand.caller.by, errand.now, kind)
    except Refused as refused:
        return Again(Problem(str(refused), "code"))
    return Done(([pieces.say(told, 500)],))


FORM = Form(
    "confirm",
    "confirm_title",
    draw,
    submit="confirm_submit",
    load=load,
    check=check,
    send=send,
    typed="tocsin pager verify",
)
