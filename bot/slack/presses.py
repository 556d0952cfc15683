"""What happens after somebody pressed something: judged once, by the rules, and answered where they can read it."""

from bot.engine import respond, selftest
from bot.errors import Refused, TocsinError
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.slack import (
    buttons,
    cards,
    change_card,
    changing,
    evaluating,
    forms,
    handover_card,
    handovers,
    lists,
    oncall,
    oncall_card,
    orders,
    pieces,
    postmortem_card,
    postmortems,
    retrain_card,
    retraining,
    revised,
    strangers,
    vouching,
)
from bot.slack.buttons import Meant
from bot.slack.identity import Caller
from bot.slack.payloads import Click, Sent
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.slack.wanted import Wanted

#: What a press of it does at once; every other verb asks for what it needs first, unless the button brings it.
AT_ONCE = frozenset({Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.RESOLVE})
NEED_DETAIL = frozenset({Verb.HAND_OVER, Verb.SNOOZE, Verb.REGRADE, Verb.MERGE, Verb.PAGE, Verb.NOTE})
TEST, ORDER = "test", "order"


async def press(talk: Talk, click: Click) -> None:
    """Do what was pressed, chosen or filled in; why not, when the rules say no. A copy of a press does nothing."""
    if click.action.startswith(lists.ORDER):
        await orders.pressed(talk, click)
        return
    if forms.asked_in(click):
        await forms.changed(talk, await talk.identity.caller(click.asked), click)
        return
    meant = buttons.decode(click.value)
    if meant.verb == forms.OPEN or (meant.verb in forms.NAMES and not _whole(meant)):
        await _open(talk, click, meant)
    elif await talk.first(click.asked.key):
        await _act(talk, await _caller(talk, click, meant), click, meant)


async def submitted(talk: Talk, sent: Sent) -> None:
    """Do what a form asks for, if its sender is still one of us; what a stranger sent is kept. Refused."""
    caller = await talk.identity.caller(sent.asked)
    if caller.person is not None:
        await forms.submitted(talk, caller, sent)
    elif await talk.first(sent.asked.key):
        await strangers.meet(talk, caller, Wanted.form(sent, talk.desk.clock.now()))
        await forms.tell(talk, sent)(caller.words.link.form_kept)


async def replay(talk: Talk, wanted: Wanted) -> None:
    """Do what somebody wanted before they were known, by today's rules and with what they had seen then. Refused."""
    caller = await talk.identity.caller(wanted.asked)
    if wanted.kind == "form":
        await forms.submitted(talk, caller, wanted.sent())
    elif wanted.kind == "order":
        await orders.said(talk, caller, wanted.value)
    else:
        await _act(talk, caller, wanted.clicked(), buttons.decode(wanted.value))


def _whole(meant: Meant) -> bool:
    """Whether the button brings what its verb needs, so that no form has to ask for it."""
    return bool(meant.detail) and meant.verb in NEED_DETAIL


async def _open(talk: Talk, click: Click, meant: Meant) -> None:
    """A form; who asks may have to be looked up, and the trigger does not wait for that."""
    name, seed = forms.sow(meant)
    screen = forms.Screen(talk, click.asked, click.view)
    caller = await screen.meet(forms.waiting)
    if caller is not None:
        await forms.open_(talk, caller, name, seed, screen)


async def _caller(talk: Talk, click: Click, meant: Meant) -> Caller:
    """Who presses. Refused for who may not; where that is about a change, it is written down."""
    try:
        return await talk.identity.caller(click.asked)
    except Refused as refused:
        if meant.verb == change_card.VOTE:
            await changing.turned_away(talk, click, refused)
        raise


async def _vote(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """A decision about a change: the card shows it; why not is for the eyes of whoever pressed."""
    voted = await changing.pressed(talk, caller, click, meant)
    if voted.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    else:
        await _tell(talk, caller, click, voted.sentence)


async def _act(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    if meant.verb == TEST:
        await _test(talk, caller, click)
    elif meant.incident == selftest.INCIDENT:
        now, language = talk.desk.clock.now(), caller.words.language
        await _tell(talk, caller, click, await selftest.received(talk.desk, caller.by, now, language))
    elif meant.verb == change_card.VOTE:
        await _vote(talk, caller, click, meant)
    elif meant.verb == cards.EVALUATE:
        await _evaluate(talk, caller, click, meant)
    elif meant.verb == retrain_card.CALL_OFF:
        await _call_off(talk, caller, click, meant)
    elif meant.verb == retrain_card.TRIAL:
        await talk.answer(click.asked, await evaluating.shown(talk, caller, meant))
    elif meant.verb in (oncall_card.OFFER, oncall_card.BACK):
        await _duty(talk, caller, click, meant)
    elif meant.verb == handover_card.HANDOVER:
        await _handover(talk, caller, click, meant)
    elif meant.verb == postmortem_card.POSTMORTEM:
        await _postmortem(talk, caller, click, meant)
    elif meant.verb == postmortem_card.FOLLOW_UP:
        await _follow_up(talk, caller, click, meant)
    elif meant.verb == revised.ADOPT:
        await talk.answer(click.asked, await revised.pressed(talk, caller, click, meant))
    elif meant.verb == ORDER:
        await orders.said(talk, caller, meant.detail)
    elif meant.verb == strangers.CHOSEN:
        await strangers.chosen(talk, caller, meant.detail)
    elif meant.verb == vouching.KIND:
        await _vouch(talk, caller, meant.detail)
    elif meant.verb in list(Verb):
        await _answer(talk, caller, click, meant)
    else:
        raise buttons.old()


async def _answer(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """One of the engine's verbs; on a card the card itself is the answer, in a menu there is none but this."""
    seen = meant.seen_version if meant.verb not in (Verb.TICK, Verb.UNTICK) else None
    answer = await respond.take(
        talk.desk,
        respond.Press(
            Verb(meant.verb),
            meant.incident,
            caller.by,
            talk.desk.clock.now(),
            "home" if click.asked.via == "home" else "button",
            seen,
            meant.detail,
            language=caller.words.language,
        ),
    )
    if answer.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    elif answer.verdict is not Verdict.GO or _in_modal(click):
        await _tell(talk, caller, click, answer.sentence)


async def _evaluate(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """The versions of an incident's model are compared; whoever pressed reads what with what, or why not."""
    answer = await evaluating.pressed(talk, caller, meant)
    if answer.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    else:
        await _tell(talk, caller, click, *evaluating.sentences(answer, caller.words))


async def _call_off(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """A run is ended: the card shows it, and whoever pressed reads what comes next, or why not."""
    answer = await retraining.called_off(talk, caller, meant)
    if answer.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    else:
        await _tell(talk, caller, click, answer.sentence)


async def _duty(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """An offer of cover is taken or withdrawn, or a change by hand is: whoever pressed reads what came of it."""
    answer = await oncall.pressed(talk, caller, meant)
    if answer.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    else:
        await _tell(talk, caller, click, answer.sentence)


async def _handover(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """A shift is taken: the card shows it, and whoever pressed reads what that means, or why not."""
    answer = await handovers.pressed(talk, caller, meant)
    if answer.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    else:
        await _tell(talk, caller, click, answer.sentence)


async def _postmortem(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """A postmortem is drafted, refreshed or sent as a file; whoever pressed reads what came of it."""
    if caller.person is None:
        await meet(talk, caller, click)
    else:
        await talk.answer(click.asked, await postmortems.pressed(talk, caller, meant))


async def _follow_up(talk: Talk, caller: Caller, click: Click, meant: Meant) -> None:
    """A follow-up is done, or taken: what shows it is drawn anew, and whoever pressed reads what that means."""
    answer = await postmortems.followed(talk, caller, meant)
    if answer.verdict is Verdict.STRANGER:
        await meet(talk, caller, click)
    else:
        await _tell(talk, caller, click, answer.sentence)


async def meet(talk: Talk, caller: Caller, click: Click) -> None:
    """Somebody nobody has linked to a person pressed something: they are asked who they are, and it is kept."""
    await strangers.meet(talk, caller, Wanted.press(click, talk.desk.clock.now()))
    if _in_modal(click):
        await _tell(talk, caller, click, caller.words.link.form_kept)


async def _vouch(talk: Talk, caller: Caller, said: str) -> None:
    """Somebody says whether it is so; after a yes, what was refused is done. Whoever wanted it hears if it fails."""
    wanted = await strangers.decided(talk, caller, said)
    if wanted is None:
        return
    try:
        await replay(talk, wanted)
    except TocsinError as error:
        await talk.answer(
            wanted.asked, Message(pieces.push(str(error)), (pieces.lines([pieces.say(str(error), 1_000)]),))
        )


async def _test(talk: Talk, caller: Caller, click: Click) -> None:
    """Page whoever asks, by each of their ways, and say which took it."""
    if caller.person is None:
        await meet(talk, caller, click)
        return
    results = await selftest.send(talk.desk, caller.person.name, talk.desk.clock.now(), caller.words.language)
    await _tell(talk, caller, click, *(result.sentence for result in results))


async def _tell(talk: Talk, caller: Caller, click: Click, *sentences: str) -> None:
    if _in_modal(click):
        said = " ".join(sentences)
        screen = forms.Screen.of(talk, click.asked, click.view or {})
        await screen.say(said, caller.words)
        return
    text = pieces.lines(*([pieces.say(sentence, 1_000)] for sentence in sentences))
    await talk.answer(click.asked, Message(pieces.push(" ".join(sentences)), (text,)))


def _in_modal(click: Click) -> bool:
    return click.view is not None and click.view.get("type") == "modal"
