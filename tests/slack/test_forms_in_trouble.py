"""Forms that are old, sent twice, late or refused, over both transports: done once, and nothing typed is lost."""

import asyncio
import dataclasses

import pytest

from bot import words
from bot.slack import validate
from bot.store import incidents
from tests.slack.forming import Doorkeeper, Down, Held, cards, incident, kinds, opened, send, story, top
from tests.slack.room import Room, alert

# --- refused after it was sent ---


async def test_an_old_form_is_refused_keeps_what_was_typed_and_goes_the_second_time(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Hand over")
    await either.ws.fill(view, {"target": "person:cy", "why": "I board a plane"}, by="ada")
    await either.settle()
    view = top(either)
    (card,) = cards(either)
    await either.ws.press(card, "Acknowledge", by="bo")
    await either.settle()
    again = await send(either, view)
    assert "Not done: The incident has changed since you saw this" in again.shown
    assert "Held by @U01BO" in again.shown
    assert again.state["why"]["field.why"]["value"] == "I board a plane"
    assert again.state["target"]["field.target"]["selected_option"]["value"] == "person:cy"
    assert either.ws.dms("cy") == []
    done = await send(either, again)
    assert "handed over, cy paged now" in done.shown


async def test_what_only_the_engine_can_tell_stands_under_its_field(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Hand over")
    await either.ws.fill(
        view, {"target": {"type": "external_select", "selected_option": {"value": "team:x"}}}, by="ada"
    )
    await either.settle()
    again = await send(either, top(either), why="as agreed")
    ids = kinds(again)
    assert ids[ids.index("target") + 1] == "problem"
    assert "There is no person, team or rota" in again.shown
    assert again.state["why"]["field.why"]["value"] == "as agreed"


async def test_somebody_whom_nobody_knows_any_more_reads_so_and_keeps_their_words(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Add a note")
    people = either.desk.settings.people
    left = {name: person for name, person in people.persons.items() if name != "ada"}
    either.desk.settings = dataclasses.replace(
        either.desk.settings, people=dataclasses.replace(people, persons=left)
    )  # ada has left while the form stood open
    again = await send(either, view, text="what I know")
    assert "Not done: I do not know you" in again.shown
    assert again.state["text"]["field.text"]["value"] == "what I know"
    assert "note.added" not in await story(either)


async def test_an_incident_that_is_over_meanwhile_is_said_to_be(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Snooze")
    (card,) = cards(either)
    await either.ws.press(card, "Resolve", by="bo")
    await either.settle()
    again = await send(either, view)
    assert "Not done: The incident is resolved" in again.shown
    assert "It is resolved." in again.shown


# --- twice ---


async def test_a_form_that_is_delivered_twice_is_done_once(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Add a note")
    either.ws.duplicate_next()
    await send(either, view, text="once")
    assert (await story(either)).count("note.added") == 1


async def test_a_declaration_that_is_sent_twice_opens_one_incident(either: Room) -> None:
    await either.ws.shortcut("declare", by="ada")
    await either.settle()
    view = top(either)
    either.ws.duplicate_next()
    await asyncio.gather(*(either.ws.submit(view, {"title": "Scores are off"}, by="ada") for _ in range(2)))
    await either.settle()
    found = await either.desk.store.read(lambda tx: incidents.listing(tx))
    assert [one.id for one in found] == ["INC-1"]


async def test_a_press_that_is_delivered_twice_opens_one_form_and_says_nothing(either: Room) -> None:
    await either.book(alert())
    either.ws.duplicate_next()
    await opened(either, "Snooze")
    assert len(either.ws.views("ada")) == 1
    assert either.ws.ephemerals("ada") == []
    assert either.calls("views.open").count(None) == 1


# --- when something is slow or broken ---


async def test_a_form_opens_before_its_content_is_read_and_keeps_what_is_typed_meanwhile(either: Room) -> None:
    await either.book(alert())
    (card,) = cards(either)
    held = Held(either.desk.store)
    either.desk.store = held  # type: ignore[assignment]
    asleep = either.clock.sleeping
    await either.ws.press(card, next(label for label in card.buttons if label.startswith("Hand over")), by="ada")
    await either.ws.until(lambda: either.clock.sleeping > asleep)
    await either.clock.advance(0.6)
    view = await either.ws.until(lambda: either.ws.view("ada"))
    assert "Reading what this will do" in view.shown
    assert validate.validate(view.content, "modal") == []
    await either.ws.fill(view, {"why": "typed in the dark"}, by="ada")
    held.gate.set()
    await either.settle()
    view = top(either)
    assert "churn v7" in view.shown
    assert view.state["why"]["field.why"]["value"] == "typed in the dark"
    done = await send(either, view, target="person:cy")
    assert "cy paged now" in done.shown


async def test_while_the_store_is_down_a_form_opens_and_loses_nothing(either: Room) -> None:
    await either.book(alert())
    (card,) = cards(either)
    store, either.desk.store = either.desk.store, Down(either.desk.store)  # type: ignore[assignment]
    await either.ws.press(card, next(label for label in card.buttons if label.startswith("Hand over")), by="ada")
    await either.door.runner.idle()
    view = top(either)
    assert "This cannot be read just now" in view.shown
    await either.ws.fill(view, {"target": "person:cy", "why": "I board a plane"}, by="ada")
    await either.ws.submit(top(either), {}, by="ada")
    await either.door.runner.idle()
    again = top(either)
    assert "Not done: The database does not answer. Try again in a moment." in again.shown
    assert again.state["why"]["field.why"]["value"] == "I board a plane"
    either.desk.store = store
    assert "cy paged now" in (await send(either, again)).shown


@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "500", "internal_error"])
async def test_a_form_that_cannot_be_opened_says_what_to_do_instead(room: Room, code: str) -> None:
    await room.book(alert())
    (card,) = cards(room)
    room.ws.fault("views.open", code)
    reply = await room.ws.press(card, next(label for label in card.buttons if label.startswith("Snooze")), by="ada")
    await room.settle()
    assert room.ws.view("ada") is None
    (told,) = reply.responses
    assert "Press again, or type /incident snooze" in told.shown
    assert told.ephemeral_to == room.ws.person("ada").id


async def test_whoever_closed_the_form_still_reads_what_came_of_it(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Snooze")
    held = Held(either.desk.store)
    store, either.desk.store = either.desk.store, held  # type: ignore[assignment]
    await either.ws.submit(view, {}, by="ada")
    await either.ws.close(top(either), by="ada", clear=True)
    held.gate.set()
    await either.door.runner.idle()
    either.desk.store = store
    await either.settle()
    assert "INC-1 is yours and quiet" in either.ws.dms("ada")[-1].shown


async def test_nothing_a_person_types_speaks_through_a_form(either: Room) -> None:
    evil = "<!channel> <@U01BO> <https://evil.example|ok> *bold* \u202eabc"
    await either.ws.shortcut("declare", by="ada")
    await either.settle()
    done = await send(either, top(either), title=evil, details=evil)
    assert "INC-1" in done.shown
    view = await opened(either, "Add a note", on=-1) if cards(either) else done
    assert '"type": "mrkdwn"' not in str(view.content)
    assert (await incident(either)).title.startswith("<!channel> <@U01BO>")


# --- who asks ---


async def test_a_person_reads_forms_and_answers_in_their_language(either: Room) -> None:
    await either.book(alert())
    either.door.talk.identity = Doorkeeper(either, words.TURKISH)  # type: ignore[assignment]
    view = await opened(either, "False alarm")
    assert view.title == "Yanlış alarm"
    reply = await either.ws.submit(view, {"why": " "}, by="ada")
    assert reply.errors == {"why": "Bu alan gerekli."}
    done = await send(either, top(either), why="eski trafik")
    assert "INC-1 yanlış alarm olarak kapatıldı." in done.shown


async def test_who_may_not_ask_gets_no_form_but_a_reason(either: Room) -> None:
    await either.book(alert())
    either.door.talk.identity = Doorkeeper(either, refusal="Guests may not do this.")  # type: ignore[assignment]
    (card,) = cards(either)
    for label in (label for label in card.buttons if label.startswith(("Hand over", "More"))):
        reply = await either.ws.press(card, label, by="ada")
        await either.settle()
        assert [told.shown for told in reply.responses] == ["Guests may not do this."]
    assert either.ws.view("ada") is None


async def test_who_may_not_ask_any_more_reads_so_in_the_form_with_all_they_typed(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Add a note")
    either.door.talk.identity = Doorkeeper(either, refusal="Your account was closed.")  # type: ignore[assignment]
    again = await send(either, view, text="what I know")
    assert "Not done: Your account was closed." in again.shown
    assert again.state["text"]["field.text"]["value"] == "what I know"
    assert "note.added" not in await story(either)


async def test_a_form_opens_in_time_however_long_it_takes_to_find_out_who_asks(either: Room) -> None:
    await either.book(alert())
    keeper = Doorkeeper(either)
    either.door.talk.identity = keeper  # type: ignore[assignment]
    keeper.gate.clear()
    asleep = either.clock.sleeping
    (card,) = cards(either)
    await either.ws.press(card, next(label for label in card.buttons if label.startswith("Hand over")), by="ada")
    await either.ws.until(lambda: either.clock.sleeping > asleep)
    await either.clock.advance(0.6)
    waiting = await either.ws.until(lambda: either.ws.view("ada"))
    assert "Reading what this will do" in waiting.shown
    await either.clock.advance(10)  # by now the trigger is long gone
    keeper.gate.set()
    await either.settle()
    assert top(either).title == "Hand over"
    assert either.calls("views.open") == [None]


# --- what it will do, as it is filled in ---


async def test_of_two_quick_choices_the_later_one_is_shown(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Snooze")
    held = Held(either.desk.store)
    store, either.desk.store = either.desk.store, held  # type: ignore[assignment]
    await either.ws.fill(view, {"span": "15"}, by="ada")
    await either.ws.fill(view, {"span": "240"}, by="ada")
    held.gate.set()
    await either.door.runner.idle()
    either.desk.store = store
    assert "until 2026-11-23 07:38 UTC" in top(either).shown


async def test_a_choice_while_the_store_is_down_is_kept_and_the_form_says_so(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Hand over")
    store, either.desk.store = either.desk.store, Down(either.desk.store)  # type: ignore[assignment]
    await either.ws.fill(view, {"target": "person:cy"}, by="ada")
    await either.door.runner.idle()
    either.desk.store = store
    assert "The database does not answer" in top(either).shown
    assert "cy paged now" in (await send(either, top(either))).shown


async def test_a_declaration_that_the_engine_refuses_stands_there_again(either: Room) -> None:
    for by, chosen, why in (
        ("eve", {}, "I do not know you"),
        ("ada", {"target": "team:x"}, "There is no person, team or rota"),
    ):
        await either.ws.shortcut("declare", by=by)
        await either.settle()
        raw = {name: {"type": "external_select", "selected_option": {"value": v}} for name, v in chosen.items()}
        await either.ws.fill(top(either, by), {"title": "Scores are off", **raw}, by=by)
        await either.settle()
        again = await send(either, top(either, by), by)
        assert f"Not done: {why}" in again.shown
        assert again.state["title"]["field.title"]["value"] == "Scores are off"
    assert await either.desk.store.read(incidents.count_open) == 0


async def test_a_copy_of_a_slow_press_opens_nothing_and_says_nothing(room: Room) -> None:
    await room.book(alert())
    (card,) = cards(room)
    held = Held(room.desk.store)
    store, room.desk.store = room.desk.store, held  # type: ignore[assignment]
    asleep = room.clock.sleeping
    room.ws.duplicate_next()  # by signed HTTP our gate knows a copy by its signature
    await room.ws.press(card, next(label for label in card.buttons if label.startswith("Snooze")), by="ada")
    await room.ws.until(lambda: room.clock.sleeping > asleep + 1)
    await room.clock.advance(0.6)
    await room.ws.until(lambda: len(room.calls("views.open")) == 2)
    held.gate.set()
    await room.door.runner.idle()
    room.desk.store = store
    assert room.calls("views.open").count(None) == 1
    assert "churn v7" in top(room).shown
    assert room.ws.ephemerals("ada") == []
