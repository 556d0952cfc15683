"""A postmortem in Slack: drafted at once, its card, forms that lose nothing, the file there and back, follow-ups."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.engine import follow_up, postmortem, respond
from bot.engine.follow_up import Wish
from bot.engine.roster import Asking
from bot.model.postmortem import Doing, Postmortem, Standing
from bot.model.verb import Verb
from bot.rules import manuscript
from bot.sandbox.workspace import Message, View
from bot.slack import postmortem_file
from bot.slack.client import Client, SlackFault
from bot.slack.forms import passages
from bot.store import follow_ups, postmortems
from tests.slack.forming import send, top
from tests.slack.room import Room, alert, key
from tests.slack.rostering import home_of

NASTY = "<!channel> *bold* <https://evil.example|ok> {line}"


@pytest.fixture(autouse=True)
def nobody_owes_any(request: pytest.FixtureRequest) -> None:
    """No incident is drafted by itself, so that whoever asks is the first."""
    for name in {"either", "room"} & set(request.fixturenames):
        room: Room = request.getfixturevalue(name)
        own = room.desk.settings
        room.desk.settings = replace(own, postmortems=replace(own.postmortems, severities=frozenset()))


async def over(room: Room, title: str = "Feature drift") -> str:
    """An incident that came and was resolved by ada."""
    await room.book(alert(title))
    for verb in (Verb.ACKNOWLEDGE, Verb.RESOLVE):
        press = respond.Press(verb, "INC-1", "person:ada", room.clock.now(), "cli")
        await respond.take(room.desk, press)
    await room.settle(3)
    return "INC-1"


async def typed(room: Room, words: str = "", by: str = "ada", channel: str = "#ml-oncall") -> Message:
    """The answer to the command."""
    reply = await room.ws.command("/postmortem", words, by=by, channel=channel)
    await room.settle(3)
    (answer,) = reply.responses
    return answer


async def drafted(room: Room) -> Message:
    """The card of the postmortem, in the thread of its incident's card."""
    await over(room)
    await typed(room, "INC-1")
    return posted(room)


async def heard(room: Room) -> None:
    """What people did is brought to the bot, and done."""
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle(3)


def posted(room: Room) -> Message:
    """The card that stands there now."""
    (card,) = room.cards()
    (found,) = [one for one in room.ws.messages("#ml-retail", thread=card.ts) if key(one).startswith("postmortem/")]
    return found


async def stored(room: Room) -> Postmortem:
    """As it is kept."""
    return await room.desk.store.read(lambda tx: postmortems.get(tx, "PM-1"))


async def write(room: Room, text: str, by: str = "bo") -> None:
    """Somebody edits it at a terminal."""
    now = await stored(room)
    asking = Asking(f"person:{by}", room.clock.now(), "cli", "en")
    await postmortem.edit(room.desk, "PM-1", text, now.version, asking)


async def press(room: Room, message: Message, button: str, by: str = "ada") -> None:
    """A button, and what comes of it."""
    await room.ws.press(message, button, by=by)
    await room.settle(3)


async def form(room: Room, button: str, by: str = "ada") -> View:
    """The form that a button of the card opens."""
    await press(room, posted(room), button, by)
    return top(room, by)


def field(text: str, title: str) -> str:
    """The name of the field of a passage."""
    return next(one.name for one in passages.of(text) if one.title == title)


def heading(text: str) -> str:
    """A heading under which nobody has written yet, or nothing but the template's hint."""
    return next(one.title for one in manuscript.passages(text))


async def test_the_command_drafts_at_once_and_its_card_stands_in_the_thread(either: Room) -> None:
    room = either
    await over(room)
    answer = await typed(room, "INC-1")
    assert "Postmortem of INC-1: draft" in answer.shown
    card = posted(room)
    assert list(card.buttons)[:5] == [
        "Edit",
        "Add a follow-up",
        "Change its state",
        "Refresh the facts",
        "As a Markdown file",
    ]
    assert (await stored(room)).incident == "INC-1"
    await typed(room, "1")  # again: the same one
    assert posted(room).ts == card.ts
    assert len(await postmortem.listing(room.desk)) == 1


async def test_the_bare_command_asks_which_and_a_button_answers(room: Room) -> None:
    assert "No incident was resolved yet" in (await typed(room)).shown
    await over(room, NASTY)
    answer = await typed(room)
    assert NASTY in answer.shown
    assert list(answer.buttons) == ["INC-1"]
    await press(room, answer, "INC-1")
    assert "Postmortem of INC-1" in posted(room).shown


async def test_in_the_thread_of_an_incident_it_means_that_one(room: Room) -> None:
    await over(room)
    (card,) = room.cards()
    await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> postmortem", by="ada", thread=card)
    await heard(room)
    assert "Postmortem of INC-1: draft" in posted(room).shown


async def test_the_resolved_card_has_a_button(room: Room) -> None:
    await over(room)
    (card,) = room.cards()
    await press(room, card, "Postmortem")
    assert "Postmortem of INC-1: draft" in posted(room).shown


async def test_a_false_alarm_has_none(room: Room) -> None:
    await room.book(alert())
    await respond.take(room.desk, respond.Press(Verb.FALSE_ALARM, "INC-1", "person:ada", room.clock.now(), "cli"))
    await room.settle(3)
    (card,) = room.cards()
    assert "Postmortem" not in list(card.buttons)


async def test_an_unknown_incident_and_a_stranger_get_a_clear_answer(room: Room) -> None:
    assert "INC-9" in (await typed(room, "INC-9")).shown
    await over(room)
    await room.ws.command("/postmortem", "INC-1", by="eve", channel="#ml-oncall")
    await room.settle(3)
    assert await postmortem.listing(room.desk) == []


async def test_what_is_typed_in_the_form_stands_in_the_document(either: Room) -> None:
    room = either
    await drafted(room)
    before = await stored(room)
    title = heading(before.text)
    view = await form(room, "Edit")
    done = await send(room, view, **{field(before.text, title): f"First line.\n\n- {NASTY}"})
    after = await stored(room)
    assert after.version == before.version + 1
    assert f"First line.\n\n- {NASTY}\n" in after.text
    kept = [line for line in before.text.splitlines() if "tocsin:" in line]
    assert [line for line in after.text.splitlines() if "tocsin:" in line] == kept
    assert "PM-1" in done.shown


async def test_nothing_typed_is_nothing_changed(room: Room) -> None:
    await drafted(room)
    before = await stored(room)
    done = await send(room, await form(room, "Edit"))
    assert "Nothing was changed." in done.shown
    assert await stored(room) == before


async def test_two_people_write_in_two_places_at_once(room: Room) -> None:
    await drafted(room)
    text = (await stored(room)).text
    one, other = [each.title for each in passages.of(text)][:2]
    view = await form(room, "Edit")
    await write(room, manuscript.written(text, {1: "Bo was here."}))
    await send(room, view, **{field(text, one): "Ada was here."})
    now = {each.title: each.body for each in passages.of((await stored(room)).text)}
    assert (now[one], now[other]) == ("Ada was here.", "Bo was here.")


async def test_who_was_overtaken_loses_nothing_and_joins_the_two(room: Room) -> None:
    await drafted(room)
    text = (await stored(room)).text
    title, other = [each.title for each in passages.of(text)][:2]
    view = await form(room, "Edit")
    await write(room, manuscript.written(text, {0: "Bo's words.", 1: "Bo's other words."}))
    again = await send(room, view, **{field(text, title): "Ada's words."})
    assert "Somebody else changed" in again.shown
    assert "Bo's words." in again.shown
    standing = {block["block_id"]: block["element"].get("initial_value", "") for block in _inputs(again)}
    assert standing[field(text, title)] == "Ada's words."
    assert standing[field(text, other)] == "Bo's other words."
    assert "Ada's words." not in (await stored(room)).text
    await send(room, again, **{field(text, title): "Both."})
    now = {each.title: each.body for each in passages.of((await stored(room)).text)}
    assert (now[title], now[other]) == ("Both.", "Bo's other words.")


def _inputs(view: View) -> list[dict[str, Any]]:
    return [block for block in view.content["blocks"] if block["type"] == "input"]


async def test_a_heading_that_went_away_leaves_the_words_on_the_screen(room: Room) -> None:
    await drafted(room)
    text = (await stored(room)).text
    title = heading(text)
    view = await form(room, "Edit")
    await write(room, text.replace(f" {title}\n", " Called otherwise\n"))
    again = await send(room, view, **{field(text, title): "Ada's words."})
    assert "was moved or taken out meanwhile" in again.shown
    assert "Ada's words." in again.shown


async def test_what_no_field_holds_goes_by_file(room: Room) -> None:
    await drafted(room)
    text = (await stored(room)).text
    await write(room, manuscript.written(text, {0: "long " * 700}))
    view = await form(room, "Edit")
    assert "is longer than a form holds" in view.shown
    assert field(text, heading(text)) not in [block["block_id"] for block in _inputs(view)]


async def test_its_state_is_changed_and_hard_findings_want_a_reason(room: Room) -> None:
    await drafted(room)
    await follow_up.add(room.desk, Wish("INC-1", "Own me"), Asking("person:ada", room.clock.now(), "cli", "en"))
    await room.settle(3)
    assert "! FU-1 has no owner: Own me" in posted(room).shown
    view = await form(room, "Change its state")
    again = await send(room, view, standing=Standing.PUBLISHED.value)
    assert (await stored(room)).standing is Standing.DRAFT
    done = await send(room, again, standing=Standing.PUBLISHED.value, why="It is done in another team")
    assert "PM-1" in done.shown
    assert (await stored(room)).standing is Standing.PUBLISHED
    await room.settle(3)
    assert "Postmortem of INC-1: published" in posted(room).shown


async def test_follow_ups_are_added_taken_done_and_dropped_by_buttons(either: Room) -> None:
    room = either
    await drafted(room)
    view = await form(room, "Add a follow-up")
    again = await send(room, view, text="Alert on nulls", ends="soon")
    assert "is no day" in again.shown
    await send(room, again, text=f"Alert {NASTY}", ends="2w", link="https://tickets.example/7")
    await send(room, await form(room, "Add a follow-up"), text="Drop me")
    card = posted(room)
    assert f"FU-1 · Alert {NASTY}" in card.shown
    await press(room, card, "2|follow-up|INC-1|0|take FU-1", by="bo")
    (first, second) = await room.desk.store.read(lambda tx: follow_ups.of_incident(tx, "INC-1"))
    assert (first.owner, second.owner) == ("bo", None)
    drops = [each["value"] for each in _elements(posted(room)) if "FU-2" in each.get("value", "")]
    await press(room, posted(room), drops[-1], by="ada")
    dropped = await send(room, top(room), text="Nobody needs it")
    assert "is dropped: Nobody needs it" in dropped.shown
    await press(room, posted(room), "Done", by="ada")
    standings = {one.standing for one in await room.desk.store.read(lambda tx: follow_ups.of_incident(tx, "INC-1"))}
    assert standings == {Doing.DONE, Doing.DROPPED}
    assert "Done" not in list(posted(room).buttons)


def _elements(message: Message) -> list[dict[str, str]]:
    return [each for block in message.blocks for each in block.get("elements", ()) if each["type"] == "button"]


async def test_mine_stand_on_my_own_page_with_a_button(room: Room) -> None:
    await over(room)
    asking = Asking("person:bo", room.clock.now(), "cli", "en")
    await follow_up.add(room.desk, Wish("INC-1", "Mend the join", "ada", "1d"), asking)
    page = await home_of(room, "ada")
    assert "Your follow-ups" in page.shown
    assert "FU-1 · Mend the join" in page.shown
    await room.ws.press(page, "Done", by="ada")
    await room.settle(10)
    (one,) = await follow_up.listing(room.desk, all_=True)
    assert one.standing is Doing.DONE
    assert "Your follow-ups" not in (await home_of(room, "ada")).shown
    assert "Your follow-ups" not in (await home_of(room, "bo")).shown


async def test_the_file_goes_out_and_comes_back_edited(either: Room) -> None:
    room = either
    await drafted(room)
    before = await stored(room)
    await press(room, posted(room), "As a Markdown file")
    (file,) = room.ws.files
    assert (file.name, file.content) == (f"PM-1-v{before.version}.md", before.text.encode())
    edited = before.text + "\n## Thanks\nTo bo.\n"
    await room.ws.share(room.ws.bot_user, file.name, edited.encode(), by="ada")
    await heard(room)
    assert (await stored(room)).text == edited
    await room.ws.share(room.ws.bot_user, file.name, b"late", by="bo")  # over the version before
    await heard(room)
    assert (await stored(room)).text == edited
    assert "so your file was not taken" in room.ws.dms("bo")[-1].shown


async def test_a_file_in_the_thread_is_taken_where_the_bot_is_mentioned(room: Room) -> None:
    await drafted(room)
    before, (card,) = await stored(room), room.cards()
    edited = before.text + "\n## Thanks\nTo bo.\n"
    name = postmortem_file.name(before)
    await room.ws.share("#ml-retail", name, edited.encode(), by="ada", text=f"<@{room.ws.bot_user}>", thread=card)
    await heard(room)
    assert (await stored(room)).text == edited


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.md", b"words", "keep the name under which I sent it"),
        ("PM-1-v1.md", b"\xff\xfe\x00", "no text in UTF-8"),
        ("PM-99-v1.md", b"words", "PM-99"),
        ("PM-1-v1.md", b"x" * 1_000_001, "is larger than 1000 kB"),
    ],
)
async def test_a_file_that_is_none_of_ours_is_said_and_changes_nothing(
    room: Room, name: str, content: bytes, said: str
) -> None:
    await drafted(room)
    before = await stored(room)
    await room.ws.share(room.ws.bot_user, name, content, by="ada")
    await heard(room)
    assert said in room.ws.dms("ada")[-1].shown
    assert await stored(room) == before


async def test_without_the_scope_the_command_line_is_named(room: Room) -> None:
    await drafted(room)
    room.ws.revoke("files:read", "files:write")
    await room.ws.share(room.ws.bot_user, "PM-1-v1.md", b"words", by="ada")
    await heard(room)
    assert "tocsin postmortem edit PM-1" in room.ws.dms("ada")[-1].shown


async def test_the_token_goes_to_slack_alone(room: Room) -> None:
    client = room.door.offices.main.client
    assert isinstance(client, Client)
    for address in ("https://files.slack.com.evil.example/x", "http://127.0.0.1:1/files/x", "file:///etc/passwd", ""):
        with pytest.raises(SlackFault, match="not_slack"):
            await client.download(address, 10)


async def test_a_message_deleted_in_slack_keeps_its_place(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    said = await room.ws.say("#ml-retail", "The upstream table moved at noon", by="bo", thread=card)
    await room.ws.react(said, "pushpin", by="ada")
    await heard(room)
    await room.ws.delete(said, by="bo")
    await heard(room)
    for verb in (Verb.ACKNOWLEDGE, Verb.RESOLVE):
        await respond.take(room.desk, respond.Press(verb, "INC-1", "person:ada", room.clock.now(), "cli"))
    await room.settle(3)
    await typed(room, "INC-1")
    assert "The upstream table moved at noon" in (await stored(room)).text


async def test_an_old_button_and_a_pressed_twice_one_do_no_harm(room: Room) -> None:
    await drafted(room)
    await send(room, await form(room, "Add a follow-up"), text="Mend it", ends="1d")
    card = posted(room)
    await press(room, card, "Done")
    await press(room, card, "Done")
    assert "is over already: done" in room.ws.ephemerals("ada")[-1].shown
    await room.clock.advance(timedelta(days=1))
    (one,) = await follow_up.listing(room.desk, all_=True)
    assert one.version == 2
