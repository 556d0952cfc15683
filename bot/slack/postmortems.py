"""Orders and presses about postmortems and follow-ups: drafted at once, refreshed, sent as a file, done, taken."""

from bot.engine import follow_up, postmortem, postmortem_sheet
from bot.engine.postmortem_sheet import Sheet
from bot.engine.roster import Asking
from bot.model.incident import Incident
from bot.model.verdict import Verdict
from bot.slack import buttons, cards, postmortem_card, postmortem_file
from bot.slack.buttons import Meant
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.store import Tx, incidents

LOOKED = 60  #: of the newest incidents, for those that are over


async def ordered(talk: Talk, caller: Caller, incident: str | None) -> Message:
    """The postmortem of an incident, drafted if there is none; without an incident, which of the newest. NotFound."""
    if incident is None:
        return postmortem_card.which(await talk.desk.store.read(_over), caller.words)
    answer = await postmortem.draft(talk.desk, incident, _asking(talk, caller))
    if answer.postmortem is None:
        return cards.notice(answer.sentence)
    its = answer.postmortem.incident
    sheet = await talk.desk.store.read(lambda tx: postmortem_sheet.of_incident(tx, talk.desk, its))
    return _shown(talk, caller, sheet, answer.sentence if answer.verdict is Verdict.GO else "")


async def pressed(talk: Talk, caller: Caller, meant: Meant) -> Message:
    """Do what a button of its card says; what came of it. NotFound; BadInput: an old button."""
    verb, _, typed = meant.detail.partition(" ")
    if not verb:
        return await ordered(talk, caller, meant.incident)
    if verb == "refresh" and typed:
        answer = await postmortem.refresh(talk.desk, typed, _asking(talk, caller))
        return cards.notice(answer.sentence)
    if verb == "file" and typed:
        return await postmortem_file.send(talk, caller, typed)
    raise buttons.old()


async def followed(talk: Talk, caller: Caller, meant: Meant) -> follow_up.Answer:
    """Do what a button of a follow-up says. NotFound; BadInput: an old button."""
    verb, _, typed = meant.detail.partition(" ")
    act = {"done": follow_up.done, "take": follow_up.take}.get(verb)
    if act is None or not typed:
        raise buttons.old()
    return await act(talk.desk, typed, _asking(talk, caller))


def _over(tx: Tx) -> list[Incident]:
    """The newest that are over and have something to write about."""
    found = incidents.listing(tx, open_only=False, limit=LOOKED)
    return [one for one in found if postmortem_card.owed(one)]


def _shown(talk: Talk, caller: Caller, sheet: Sheet | None, sentence: str) -> Message:
    if sheet is None:
        return cards.notice(sentence)
    drawn = postmortem_card.draw(sheet, talk.desk.clock.now(), caller.words)
    above = cards.notice(sentence).blocks if sentence else ()
    return Message(drawn.text, (*above, *drawn.blocks))


def _asking(talk: Talk, caller: Caller) -> Asking:
    via = "button" if caller.asked.via == "home" else caller.asked.via
    return Asking(caller.by, talk.desk.clock.now(), via, caller.words.language)
