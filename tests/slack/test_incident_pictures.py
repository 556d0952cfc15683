"""An incident's picture in its thread, once; rows of bars where nothing can draw; the command; and Slack in trouble."""

import sys
from dataclasses import replace

import pytest

from bot.engine import picturing
from bot.model.alert import Kind, Measure
from bot.model.incident import Phase, move
from bot.sandbox.workspace import Message
from bot.slack import off
from bot.store import Tx, incidents, jobs, posts
from tests.slack.room import Room, alert, key

FIRST = Measure("psi", 0.31, 0.2, ">", sample_size=12_400, feature="age")


@pytest.fixture
def plots() -> None:
    pytest.importorskip("matplotlib")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that draws is not installed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)


async def begin(room: Room, *values: float) -> None:
    """An incident of these values, a minute apart."""
    await room.book(alert(measures=(FIRST,)))
    for value in values:
        await room.pass_time(1)
        await room.book(alert(measures=(replace(FIRST, value=value),)))


async def mitigate(room: Room) -> None:
    """Somebody takes it, and a change makes it better."""
    await room.ws.press(room.cards()[0], "Acknowledge", by="ada")
    await room.settle()

    def better(tx: Tx) -> None:
        before = incidents.get(tx, "INC-1")
        after = move(before, Phase.MITIGATED, tx.now)
        incidents.save(tx, [(before, after)])
        jobs.put_once(tx, picturing.mitigated(after, tx.now))

    await room.desk.store.write(better)
    await room.pass_time(1)


def thread(room: Room) -> list[Message]:
    """What stands in the thread of the card."""
    return room.ws.messages("#ml-retail", thread=room.cards()[0].ts)


def files(room: Room) -> list[str]:
    """The titles of the pictures in the thread, in their order."""
    return [file["title"] for one in thread(room) for file in one.files]


def bars(room: Room) -> list[Message]:
    return [one for one in thread(room) if key(one) == "incident_picture/INC-1/bars"]


@pytest.mark.usefixtures("plots")
async def test_what_drifted_stands_in_the_thread_soon_and_once(room: Room) -> None:
    await room.book(alert(measures=(FIRST,)))
    assert files(room) == []
    await room.pass_time(1)
    assert files(room) == ["INC-1 churn v7: drift by psi"]
    (file,) = room.ws.files
    assert file.alt_text == "age drifted most: psi 0.31 over a limit of 0.2, on 12,400 rows."
    await room.book(alert(measures=(replace(FIRST, value=0.4),)))
    await room.pass_time(60)
    assert len(room.ws.files) == 1


@pytest.mark.usefixtures("plots")
async def test_once_it_is_mitigated_the_metric_is_added_with_what_was_done(room: Room) -> None:
    await begin(room, 0.4, 0.35)
    await mitigate(room)
    assert files(room) == ["INC-1 churn v7: drift by psi", "INC-1 churn v7: psi age"]
    assert "taken by ada" in room.ws.files[-1].alt_text


@pytest.mark.usefixtures("plots")
async def test_whoever_comes_after_a_crash_puts_no_second_one_there(room: Room) -> None:
    await room.book(alert(measures=(FIRST,)))
    name = "incident_picture/INC-1/opened"
    await room.desk.store.write(lambda tx: posts.save(tx, posts.Post(name, "C1", "1.0", "drift")))
    await room.pass_time(1)
    assert files(room) == []


@pytest.mark.usefixtures("plots")
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_where_slack_says_later_it_is_put_there_later_and_once(room: Room, method: str) -> None:
    await room.book(alert(measures=(FIRST,)))
    room.ws.fault(method, "ratelimited", times=1)
    await room.pass_time(5)
    assert files(room) == ["INC-1 churn v7: drift by psi"]


@pytest.mark.usefixtures("plots")
async def test_where_slack_takes_no_file_the_incident_goes_on(room: Room) -> None:
    room.ws.fault("files.getUploadURLExternal", "missing_scope", times=9)
    await begin(room, 0.4)
    await room.ws.press(room.cards()[0], "Acknowledge", by="ada")
    await room.settle()
    assert "Held by" in room.cards()[0].shown or "ada" in room.cards()[0].shown
    assert files(room) == []


@pytest.mark.usefixtures("bare")
async def test_where_nothing_can_draw_rows_of_bars_stand_there_and_are_brought_up_to_date(room: Room) -> None:
    await room.book(alert(measures=(FIRST,)))
    await room.pass_time(1)
    (said,) = bars(room)
    assert "psi age 0.31 (limit 0.2)" in said.shown
    await room.book(alert(measures=(replace(FIRST, value=0.1),)))
    await mitigate(room)
    (said,) = bars(room)
    assert "psi age █▁ 0.1 to 0.31, last 0.1 (limit 0.2)" in said.shown


async def test_what_has_no_figures_gets_no_picture(room: Room) -> None:
    await room.book(alert(measures=(), kind=Kind.FRESHNESS))
    await room.pass_time(5)
    assert files(room) == []
    assert bars(room) == []


@pytest.mark.usefixtures("plots")
async def test_the_command_sends_all_there_are_to_whoever_asked(room: Room) -> None:
    await begin(room, 0.4)
    before = len(room.ws.files)
    reply = await room.ws.command("/incident", "picture INC-1", by="bo", channel="#ml-retail")
    await room.settle()
    assert [file.title for file in room.ws.files[before:]] == [
        "INC-1 churn v7: drift by psi",
        "INC-1 churn v7: psi age",
        "INC-1 churn v7: what happened",
    ]
    assert "The pictures of INC-1 are in our direct messages." in reply.responses[-1].shown


@pytest.mark.usefixtures("plots")
async def test_the_command_says_in_words_what_slack_does_not_take(room: Room) -> None:
    await begin(room, 0.4)
    room.ws.fault("files.getUploadURLExternal", "missing_scope", times=9)
    reply = await room.ws.command("/incident", "picture 1", by="bo", channel="#ml-retail")
    await room.settle()
    said = reply.responses[-1].shown
    assert "Slack does not take the pictures: missing_scope." in said
    assert "age drifted most: psi 0.4" in said
    assert "psi age ▁█" in said


@pytest.mark.usefixtures("bare")
async def test_the_command_answers_with_bars_where_nothing_can_draw(room: Room) -> None:
    await begin(room, 0.4)
    reply = await room.ws.command("/incident", "picture INC-1", by="bo", channel="#ml-retail")
    await room.settle()
    assert "psi age ▁█ 0.31 to 0.4, last 0.4 (limit 0.2)" in reply.responses[-1].shown


async def test_the_command_knows_no_such_incident(room: Room) -> None:
    reply = await room.ws.command("/incident", "picture INC-77", by="bo", channel="#ml-retail")
    await room.settle()
    assert "There is no incident" in reply.responses[-1].shown


def test_without_slack_the_job_is_over_at_once() -> None:
    assert picturing.KIND in off.HANDLERS


async def test_an_incident_without_its_card_waits_for_it_and_then_gives_up(room: Room) -> None:
    room.ws.fault("chat.postMessage", "is_archived", times=99)
    await room.book(alert(measures=(FIRST,)))
    await room.pass_time(60)
    assert room.ws.files == []
