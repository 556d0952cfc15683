"""What a shortcut sets off: a form, or at once an entry of the timeline where the place tells of which incident."""

from bot.engine import annotate
from bot.errors import BadInput
from bot.slack import forms, pieces, spoken, where
from bot.slack.forms import timeline_add
from bot.slack.forms.form import Errand
from bot.slack.identity import Caller
from bot.slack.payloads import Body, Picked
from bot.slack.pieces import Json
from bot.slack.talk import Talk

TITLE, TEXT = 200, 3_000  # characters


async def used(talk: Talk, picked: Picked) -> None:
    """Do what the shortcut is for. BadInput for a shortcut of another version."""
    screen = forms.Screen(talk, picked.asked)
    caller = await screen.meet(forms.waiting)
    if caller is None:
        return
    match picked.name:
        case "declare":
            await forms.open_(talk, caller, "declare", None, screen)
        case "open_from":
            await forms.open_(talk, caller, "open-from", quoting(picked), screen)
        case "timeline_add":
            await _add(talk, caller, picked, screen)
        case _:
            raise BadInput("I do not know this shortcut.", "Reload Slack, then look for it again.")


def quoting(picked: Picked) -> forms.Seed:
    """A form's seed from the message a shortcut was used on: its first line is the title, all of it the details."""
    message = picked.message or {}
    whole = _whole(message)
    first = next((line for line in whole.splitlines() if line.strip()), "")
    return forms.Seed(
        text=pieces.shorten(first, TITLE),
        details=whole,
        channel=picked.asked.channel or "",
        message=str(message.get("ts") or ""),
        author=str(message.get("user") or ""),
    )


async def _add(talk: Talk, caller: Caller, picked: Picked, screen: forms.Screen) -> None:
    """Into the timeline of the incident whose channel or thread it is; otherwise its person is asked which."""
    asked, message = picked.asked, picked.message or {}
    thread = str(message.get("thread_ts") or message.get("ts") or "")
    read = talk.desk.store.read(lambda tx: where.incident(tx, asked.channel, thread))
    incident = await screen.meanwhile(read, forms.waiting)
    seed = quoting(picked)
    seed = forms.Seed(
        incident=incident or "", text=seed.details, channel=seed.channel, message=seed.message, author=seed.author
    )
    if incident is None:
        await forms.open_(talk, caller, "timeline-add", seed, screen)
    elif await talk.first(asked.key):
        note = await timeline_add.of(Errand(talk, caller, seed, {"text": seed.text}))
        noted = await annotate.add(talk.desk, note)
        await screen.say(noted.sentence, caller.words)


def _whole(message: Body) -> str:
    """The words of a message, markup undone, line by line; those of its blocks where it has no text."""
    text = message.get("text")
    lines = (text if isinstance(text, str) and text.strip() else _shown(message.get("blocks"))).splitlines()
    return "\n".join(spoken.plain(line) for line in lines)[:TEXT].strip()


def _shown(blocks: object) -> str:
    """Every `text` in blocks, a line each."""
    found: list[str] = []
    left: list[object] = [blocks]
    while left:
        each = left.pop(0)
        if isinstance(each, list):
            left = [*each, *left]
        elif isinstance(each, dict):
            words: Json = each
            if isinstance(words.get("text"), str):
                found.append(str(words["text"]))
            left = [*(value for key, value in words.items() if isinstance(value, dict | list)), *left]
    return "\n".join(found)
