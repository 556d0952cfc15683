"""Two people, two bots, one moment: one of them wins, the other is told who, and everything is written down once.

Both bots are processes of their own over one database and one Slack in real time; `aim` decides which of them hears
what. Where one is killed, nothing is left half done and nothing is said twice.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.model.incident import Phase
from bot.model.page import PageState
from bot.sandbox.workspace import Reply, View
from tests.faults import chat
from tests.faults.chat import Pair
from tests.parts import folder

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
FIRST, SECOND = 0, 1


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Two bots over each engine, once for all tests: every test has an incident of its own."""
    home: Path = tmp_path_factory.mktemp("pair")
    if request.param == "postgres":
        with request.getfixturevalue("postgres").fresh() as url:
            async with chat.pair(home, url) as play:
                yield play
        return
    async with chat.pair(home, f"sqlite:///{home / 'tocsin.db'}") as play:
        yield play


@pytest_asyncio.fixture(loop_scope="module")
async def race(both: Pair) -> AsyncIterator[Pair]:
    """Both bots run and have nothing to do; whatever happens, nothing is posted twice."""
    await both.up()
    await both.rest()
    before = both.twice()
    yield both
    assert both.twice() == before


async def form(race: Pair, incident: str, button: str, by: str) -> View:
    """The form behind a button of the card, on somebody's screen."""
    card = race.card(incident)
    async with race.heard(1):
        await race.slack.press(card, next(label for label in card.buttons if label.startswith(button)), by=by)
    view = race.slack.view(by)
    assert view is not None
    return view


async def at_once(race: Pair, *acts: Callable[[], Awaitable[Reply]]) -> list[Reply]:
    """Each act reaches a bot of its own, at the same moment; their outcomes when both have been dealt with."""
    await race.aim(FIRST, SECOND)
    async with race.heard(len(acts)):
        replies = await asyncio.gather(*(act() for act in acts))
    assert all(reply.acked for reply in replies)
    return replies


def told(reply: Reply) -> str:
    """What its person read, and nobody else."""
    return " ".join(message.text for message in reply.responses)


# --- two people ---


async def test_of_two_who_acknowledge_one_holds_it_and_the_other_knows_who(race: Pair) -> None:
    incident = await race.incident()
    card, (page,) = race.card(incident), race.pages("ada", incident)
    replies = await at_once(
        race,
        lambda: race.slack.press(page, "Acknowledge", by="ada"),
        lambda: race.slack.press(card, "Acknowledge", by="bo"),
    )
    kept = await race.kept(incident)
    winner = kept.incident.holder
    first, second = replies if winner == "ada" else reversed(replies)
    assert winner in ("ada", "bo")
    assert told(first) == ""
    assert f"{incident} was acknowledged already, by {winner}." in told(second)
    assert (kept.story.count("incident.acknowledged"), kept.story.count("press.refused")) == (1, 1)
    assert f"Held by @U01{winner.upper()}" in race.card(incident).shown
    assert [list(one.buttons) for one in race.pages("ada", incident)] == [[]]


async def test_of_two_who_resolve_one_does(race: Pair) -> None:
    incident = await race.incident()
    card = race.card(incident)
    replies = await at_once(race, *(lambda by=by: race.slack.press(card, "Resolve", by=by) for by in ("ada", "bo")))
    assert sorted(bool(told(reply)) for reply in replies) == [False, True]
    kept = await race.kept(incident)
    assert (kept.story.count("incident.resolved"), kept.story.count("press.refused")) == (1, 1)
    assert "RESOLVED" in race.card(incident).shown
    assert (kept.incident.phase, kept.incident.next_step_at) == (Phase.RESOLVED, None)


async def test_whoever_acknowledges_and_whoever_resolves_leave_it_resolved(race: Pair) -> None:
    incident = await race.incident()
    card = race.card(incident)
    await at_once(
        race,
        lambda: race.slack.press(card, "Acknowledge", by="ada"),
        lambda: race.slack.press(card, "Resolve", by="bo"),
    )
    kept = await race.kept(incident)
    assert kept.story.count("incident.resolved") == 1
    assert kept.story.count("incident.acknowledged") + kept.story.count("press.refused") == 1
    assert kept.incident.phase is Phase.RESOLVED
    assert "RESOLVED" in race.card(incident).shown
    assert not race.pages("ada", incident)[0].buttons


FORMS = {
    "Hand over": ({"target": "person:cy"}, "incident.handed_over", Phase.TRIGGERED),
    "Snooze": ({"minutes": "60"}, "incident.snoozed", Phase.ACKNOWLEDGED),
    "False alarm": ({"why": "a replay of old traffic"}, "incident.resolved", Phase.RESOLVED),
}


@pytest.mark.parametrize("button", FORMS)
async def test_of_two_forms_one_counts_and_the_other_says_why_not(race: Pair, button: str) -> None:
    incident = await race.incident()
    values, entry, phase = FORMS[button]
    views = {by: await form(race, incident, button, by) for by in ("ada", "bo")}
    await at_once(race, *(lambda by=by: race.slack.submit(views[by], values, by=by) for by in views))
    shown = [view.shown for by in views if (view := race.slack.view(by))]
    assert sorted("Not done:" in one for one in shown) == [False, True]
    kept = await race.kept(incident)
    assert (kept.story.count(entry), kept.story.count("press.refused"), kept.incident.phase) == (1, 1, phase)
    if holder := kept.incident.holder:
        (refused,) = [one for one in shown if "Not done:" in one]
        assert f"Held by @U01{holder.upper()}" in refused
        assert f"@U01{holder.upper()}" in race.card(incident).shown
    assert len(race.pages("cy", incident)) == (1 if button == "Hand over" else 0)


# --- twice ---


async def test_a_double_click_climbs_one_step(race: Pair) -> None:
    incident = await race.incident()
    card = race.card(incident)
    replies = await at_once(race, *(lambda: race.slack.press(card, "Escalate", by="ada") for _ in range(2)))
    assert sorted("changed since you saw" in told(reply) for reply in replies) == [False, True]
    kept = await race.kept(incident)
    assert (kept.incident.step, kept.incident.tier) == (2, "L2")
    assert (len(race.pages("bo", incident)), race.pages("cy", incident)) == (1, [])
    assert "Waiting for L2" in race.card(incident).shown


async def test_a_form_sent_twice_is_done_once(race: Pair) -> None:
    incident = await race.incident()
    view = await form(race, incident, "Hand over", "ada")
    await at_once(race, *(lambda: race.slack.submit(view, {"target": "person:bo"}, by="ada") for _ in range(2)))
    assert (await race.kept(incident)).story.count("incident.handed_over") == 1
    assert len(race.pages("bo", incident)) == 1
    top = race.slack.view("ada")
    assert top is not None
    assert "handed over, bo paged now" in top.shown


Act = Callable[[Pair, str], Awaitable[object]]
TWICE: dict[str, tuple[Act, str]] = {
    "press": (lambda race, incident: race.slack.press(race.card(incident), "Escalate", by="ada"), "step.fired"),
    "note": (lambda race, incident: race.slack.command("/incident", f"note {incident} x", by="ada"), "note.added"),
    "page": (lambda race, incident: race.slack.command("/page", f"cy {incident} come", by="ada"), "person.summoned"),
    "mention": (
        lambda race, incident: race.slack.say(
            folder.CHANNEL, f"<@{race.slack.bot_user}> note {incident} it was late", by="ada"
        ),
        "note.added",
    ),
}


@pytest.mark.parametrize("name", TWICE)
async def test_what_reaches_both_bots_is_done_and_answered_once(race: Pair, name: str) -> None:
    incident = await race.incident()
    act, entry = TWICE[name]
    before = (await race.kept(incident)).story.count(entry)
    answers = race.answers()
    await race.aim(FIRST, SECOND)
    race.slack.duplicate_next()
    async with race.heard(2):
        done = await act(race, incident)
    kept = await race.kept(incident)
    assert (kept.story.count(entry) - before, kept.story.count("press.refused")) == (1, 0)
    said = len(done.responses) if isinstance(done, Reply) else race.answers() - answers
    assert said == (0 if name == "press" else 1)


async def test_a_declaration_that_reaches_both_bots_opens_one_incident(race: Pair) -> None:
    before = await race.all()
    await race.aim(FIRST, SECOND)
    race.slack.duplicate_next()
    async with race.heard(2):
        reply = await race.slack.command("/incident", "declare the scores are off", by="ada")
    (fresh,) = await race.all() - before
    assert f"{fresh} is open" in told(reply)
    assert len(reply.responses) == 1
    assert "the scores are off" in race.card(fresh).shown


async def test_an_old_card_changes_nothing_on_the_other_bot(race: Pair) -> None:
    incident = await race.incident()
    old = race.card(incident)
    await race.aim(FIRST, SECOND)
    async with race.heard(2):  # the second press does not wait for anything to be drawn
        await race.slack.command("/incident", f"ack {incident}", by="ada")
        await race.acknowledged(incident)
        reply = await race.slack.press(old, "Escalate", by="bo")
    assert "changed since you saw" in told(reply)
    kept = await race.kept(incident)
    assert (kept.incident.holder, kept.incident.step) == ("ada", 1)
    assert race.pages("bo", incident) == []
    assert "Held by @U01ADA" in race.card(incident).shown


# --- one of them is killed ---


async def test_killed_before_the_ack_it_has_done_nothing_and_the_next_press_counts(race: Pair) -> None:
    incident = await race.incident()
    await race.aim(FIRST)
    os.kill(race.bots[FIRST].pid, signal.SIGSTOP)  # it hears the press and does not get round to it
    pressing = asyncio.ensure_future(race.slack.press(race.card(incident), "Acknowledge", by="ada"))
    await race.killed(race.bots[FIRST])
    assert (await pressing).error == "dispatch_failed"
    assert "incident.acknowledged" not in (await race.kept(incident)).story
    async with race.heard(1):
        assert (await race.slack.press(race.card(incident), "Acknowledge", by="ada")).acked
    assert (await race.kept(incident)).story.count("incident.acknowledged") == 1
    assert "Held by @U01ADA" in race.card(incident).shown


async def test_killed_between_ack_and_commit_it_has_done_nothing_and_the_next_press_counts(race: Pair) -> None:
    incident = await race.incident()
    await race.aim(FIRST)
    with race.locked():
        assert (await race.slack.press(race.card(incident), "Escalate", by="ada")).acked
        await race.killed(race.bots[FIRST])
    assert "incident.escalated" not in (await race.kept(incident)).story
    async with race.heard(1):
        await race.slack.press(race.card(incident), "Escalate", by="ada")
    assert (await race.kept(incident)).incident.step == 2
    assert len(race.pages("bo", incident)) == 1
    assert "Waiting for L2" in race.card(incident).shown


async def test_killed_after_the_commit_the_other_finds_what_was_sent_and_draws_the_rest(race: Pair) -> None:
    incident = await race.incident()
    race.slack.fault("chat.postMessage", "hang", after_effect=True)  # the page stands there, and nobody is told so
    race.slack.fault("chat.update", "hang")
    await race.slack.press(race.card(incident), "Escalate", by="ada")
    await race.seen(lambda: race.pages("bo", incident), "the page")
    bot = await race.working_on(f"page/{incident}/2/bo/slack")
    await race.killed(bot)
    race.slack.clear_faults()
    if race.database.startswith("sqlite"):
        await race.up()  # its supervisor starts it again; elsewhere nobody does, and its leases run out
    await race.rest()
    kept = await race.kept(incident)
    assert [(page.person, page.state) for page in kept.pages] == [("ada", PageState.SENT), ("bo", PageState.SENT)]
    (page,) = race.pages("bo", incident)
    assert kept.pages[1].provider_id == f"{page.channel}:{page.ts}"
    assert "Waiting for L2" in race.card(incident).shown
    async with race.heard(1):
        await race.slack.press(page, "Acknowledge", by="bo")
    assert "Held by @U01BO" in race.card(incident).shown
    shown = await race.standing.asked("incident", "show", incident)
    assert (shown["incident"]["phase"], shown["incident"]["holder"]) == ("acknowledged", "bo")
    status, said = await race.standing.command("audit", "verify")
    assert status == 0, said
