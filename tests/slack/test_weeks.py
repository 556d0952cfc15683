"""The picture of a rota's coming weeks in Slack: asked for by word or button, sent where its asker reads it."""

import sys

import pytest

from bot.sandbox.workspace import Message
from tests.slack.room import Room

pytest.importorskip("matplotlib")


async def asked(room: Room, words: str, by: str = "ada") -> Message:
    """The answer to the command."""
    reply = await room.ws.command("/oncall", words, by=by, channel="#ml-retail")
    await room.settle()
    (answer,) = reply.responses
    return answer


def sent(room: Room, by: str = "ada") -> Message:
    """The newest direct message, which is the picture."""
    newest = room.ws.dms(by)[-1]
    assert newest.subtype == "file_share"
    return newest


@pytest.mark.parametrize("words", ["weeks first-line", "weeks", "picture first-line", "Haftalar first-line"])
async def test_the_picture_comes_by_direct_message_with_its_words(room: Room, words: str) -> None:
    assert (await asked(room, words)).shown == (
        "On call for first-line: the coming weeks are in our direct messages, as a picture."
    )
    (shared,) = sent(room).files
    (file,) = room.ws.files
    assert (shared["name"], shared["title"]) == ("first-line-2026-11-23.png", "On call for first-line")
    assert shared["alt_txt"].startswith("On call for first-line, 23 Nov – 20 Dec 2026")
    assert "always somebody. ada: until Mon 30 00:00. bo: Mon 30 00:00" in shared["alt_txt"]
    assert len(shared["alt_txt"]) <= 1_000
    assert file.content is not None
    assert file.content.startswith(b"\x89PNG")
    assert [message.subtype for message in room.ws.messages("#ml-retail")] == []


async def test_a_button_beside_the_roster_asks_for_it(room: Room) -> None:
    answer = await asked(room, "first-line")
    assert "Weeks as a picture" in answer.buttons
    await room.ws.press(answer, "Weeks as a picture", by="ada")
    await room.settle()
    assert sent(room).files[0]["title"] == "On call for first-line"


async def test_said_aloud_it_is_for_all_who_read_there(room: Room) -> None:
    question = await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> oncall weeks first-line", by="ada")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()
    shared = room.ws.messages("#ml-retail", thread=question)[-1]
    assert [file["title"] for file in shared.files] == ["On call for first-line"]
    assert room.ws.dms("ada") == []


async def test_it_speaks_the_language_of_whoever_asked(room: Room) -> None:
    room.ws.change_person("ada", locale="tr-TR")
    await asked(room, "haftalar first-line")
    assert sent(room).files[0]["title"] == "Nöbet: first-line"


async def test_an_unknown_rota_is_told_with_the_nearest(room: Room) -> None:
    assert "first-line" in (await asked(room, "weeks frist-line")).shown
    assert room.ws.files == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_where_slack_takes_no_picture_its_words_are_said(room: Room, method: str) -> None:
    room.ws.fault(method, "restricted_action")
    told = (await asked(room, "weeks first-line")).shown
    assert "ada: until Mon 30 00:00" in told
    assert "restricted_action" in told
    assert room.ws.files == []


async def test_without_the_scope_its_words_are_said(room: Room) -> None:
    room.ws.revoke("files:write")
    assert "missing_scope" in (await asked(room, "weeks first-line")).shown


async def test_without_the_library_there_is_no_button_and_the_word_says_why(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "Weeks as a picture" not in (await asked(room, "first-line")).buttons
    assert "pip install 'tocsin[plots]'" in (await asked(room, "weeks first-line")).shown
