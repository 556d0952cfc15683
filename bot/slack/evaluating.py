"""Orders and presses that have versions of a model compared: with what, or why not, and where the result will be."""

from bot import words
from bot.engine import trial
from bot.errors import Refused
from bot.model.incident import Incident
from bot.model.trial import Stage
from bot.model.verdict import Verdict
from bot.settings import Settings
from bot.slack import change_wishes, changing, commands, lists, pieces, served, spoken, trial_card
from bot.slack.buttons import Meant
from bot.slack.change_wishes import Wish
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.store import incidents, trials
from bot.words import Words

MOST = 5  #: models that are offered where none is named


def models(settings: Settings) -> list[str]:
    """Those the catalogue says how to compare versions of, by name."""
    return sorted(model.name for model in settings.estate.models.values() if model.trial is not None)


async def ordered(talk: Talk, caller: Caller, order: Order, here: str | None) -> Message:
    """Ask for it as it was said; in the place of the incident `here` its model is meant. NotFound."""
    settings, w = talk.desk.settings, caller.words
    named, said = _incident(order.words)
    about = await _about(talk, named or here)
    wish = change_wishes.read(said, settings)
    if wish.unknown and about is not None and about.model:
        wish = change_wishes.read(f'"{about.model}" {said}', settings)  # a version of its own model
    if wish.unknown or wish.beyond:
        return changing.unclear(order, wish, w)
    model = wish.model or (about.model if about else "") or ""
    if not model:
        return _no_model(about, w) if about else _which(settings, w)
    its = about.id if about is not None and _same(settings, about.model, model) else None
    return _told(await _ask(talk, caller, Wish(model, wish.version, wish.why), its), w)


async def pressed(talk: Talk, caller: Caller, meant: Meant) -> trial.Answer:
    """Compare versions of the model of the incident whose button it is. NotFound; Refused where it has none."""
    about = await _about(talk, meant.incident)
    if about is None or not about.model:
        raise Refused(words.fill(caller.words.tried.no_model, incident=meant.incident or "-"))
    return await _ask(talk, caller, Wish(about.model), about.id)


async def shown(talk: Talk, caller: Caller, meant: Meant) -> Message:
    """What came of a trial, for the eyes of whoever asks. NotFound."""
    found, w = await talk.desk.store.read(lambda tx: trials.find(tx, meant.detail)), caller.words
    if found.stage is Stage.ASKED:
        named = {"version": found.challenger or found.champion, "champion": found.champion}
        both = {name: served.name(version) for name, version in named.items()}
        return commands.hint(words.fill(w.retrain.judged, trial=found.id, **both))
    return trial_card.draw(found, w)


def sentences(answer: trial.Answer, w: Words) -> list[str]:
    """What the engine said, and where the result will be read."""
    asked = answer.trial
    if asked is None or answer.verdict is not Verdict.GO:
        return [answer.sentence]
    where = words.fill(w.tried.comes_thread, incident=asked.incident) if asked.incident else w.tried.comes_direct
    return [answer.sentence, where]


async def _ask(talk: Talk, caller: Caller, said: Wish, incident: str | None) -> trial.Answer:
    desk, language = talk.desk, caller.words.language
    why = spoken.readable(said.why, desk.settings.people)
    wish = trial.Wish(said.model, said.version or None, incident=incident, why=why, language=language)
    return await trial.ask(desk, wish, caller.by, desk.clock.now(), caller.asked.via)


async def _about(talk: Talk, incident: str | None) -> Incident | None:
    return await talk.desk.store.read(lambda tx: incidents.find(tx, incident)) if incident else None


def _incident(said: str) -> tuple[str | None, str]:
    """The incident that is named first, and the rest; a bare number is a version."""
    first, _, rest = said.strip().partition(" ")
    found = spoken.incident(first) if first.lower().lstrip("#").startswith("inc") else None
    return (found, rest) if found else (None, said)


def _same(settings: Settings, one: str | None, other: str) -> bool:
    known, meant = settings.estate.find(one), settings.estate.find(other)
    return known is not None and known is meant


def _told(answer: trial.Answer, w: Words) -> Message:
    lines = sentences(answer, w)
    return Message(pieces.push(" ".join(lines)), (pieces.lines(*([pieces.say(one, 1_000)] for one in lines)),))


def _no_model(about: Incident, w: Words) -> Message:
    return commands.hint(words.fill(w.tried.no_model, incident=about.id))


def _which(settings: Settings, w: Words) -> Message:
    """The models that can be meant, a button each."""
    known = models(settings)
    if not known:
        return commands.hint(w.tried.none)
    said = words.fill(w.tried.which, example=f"/tocsin evaluate {known[0]}")
    row = [
        lists.order(pieces.shorten(name, pieces.BUTTON), f'evaluate "{name}"', place)
        for place, name in enumerate(known[:MOST])
    ]
    return Message(pieces.push(said), (pieces.lines([pieces.say(said)]), pieces.row(*row)))
