"""Whole views: a form as it is asked, while it is sent, and what is said instead of one. Pure."""

from collections.abc import Iterable

from bot.slack import pieces
from bot.slack.forms.form import Form, Problem, Scene, Seed
from bot.slack.payloads import Body
from bot.slack.pieces import Json
from bot.words import Words

TITLE = 24


def sheet(form: Form, scene: Scene) -> Json:
    """The form; it can be sent once it has a field."""
    w = scene.w
    blocks = _with_problem(form.draw(scene), scene.problem, w)
    view = _modal(str(getattr(w.form, form.title)), blocks, w.form.cancel if form.send else w.form.close)
    seed = scene.known.sown(scene.seed) if scene.known else scene.seed
    view |= {"callback_id": form.name, "private_metadata": seed.pack(w.language)}
    if any(block["type"] == "input" for block in blocks):
        view["submit"] = _plain(getattr(w.form, form.submit))
    return view


def working(form: Form, sent: Body, w: Words) -> Json:
    """What stands there from the moment a form is sent until its outcome is known."""
    view = _modal(str(getattr(w.form, form.title)), [pieces.lines([pieces.say(w.form.working)])], w.form.close)
    return view | {"callback_id": form.name, "external_id": working_id(sent)}


def working_id(sent: Body) -> str:
    """The id of our own that the view has which stands there while this form is worked on."""
    return f"working/{sent.get('id', '')}/{sent.get('hash', '')}"[:255]


def done(form: Form, lines: Iterable[list[Json]], w: Words) -> Json:
    """What was done; closing it closes the forms under it, which are old now."""
    view = _modal(str(getattr(w.form, form.title)), [pieces.lines(*lines)], w.form.close)
    return view | {"clear_on_close": True}


def told(line: list[Json], w: Words) -> Json:
    """A sentence instead of a form."""
    return _modal("Tocsin", [pieces.lines(line)], w.form.close)


def waiting(w: Words) -> Json:
    """What stands there while we find out what to show."""
    return _modal("Tocsin", [pieces.lines([pieces.say(w.form.reading)])], w.form.close)


def carried(view: Body) -> tuple[Seed, str]:
    """The seed and the language that a view of ours carries."""
    return Seed.unpack(view.get("private_metadata"))


def _with_problem(blocks: list[Json], problem: Problem | None, w: Words) -> list[Json]:
    if problem is None:
        return blocks
    said = pieces.lines([pieces.loud(f"{w.form.not_sent} "), pieces.say(problem.sentence, 1_000)])
    said["block_id"] = "problem"
    names = [block.get("block_id") for block in blocks]
    at = names.index(problem.field) + 1 if problem.field in names else 0
    return [*blocks[:at], said, *blocks[at:]]


def _modal(title: str, blocks: list[Json], close: str) -> Json:
    return {"type": "modal", "title": _plain(title), "blocks": blocks, "close": _plain(close)}


def _plain(words: str) -> Json:
    return {"type": "plain_text", "text": pieces.shorten(words, TITLE), "emoji": False}
