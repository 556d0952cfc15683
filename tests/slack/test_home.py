"""A person's own page in Slack: shown when it is opened, acted from, kept true, and never in anybody's way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.people import NotifyStep
from bot.model.rota import Every, Layer, Rota, Unit
from bot.sandbox.workspace.nouns import View
from bot.slack import readers, validate
from bot.store import posts
from tests.slack import room as rooms
from tests.slack.room import Room, alert


async def opened(room: Room, by: str = "ada") -> View:
    """Somebody looks at their page."""
    await look(room, by)
    return page(room, by)


async def look(room: Room, by: str = "ada") -> None:
    """The bot has heard that somebody looks, and has done what it can."""
    await room.ws.open_home(by=by)
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()


def page(room: Room, by: str = "ada") -> View:
    """Their page as it is on the screen now."""
    view = room.ws.home(by)
    assert view is not None
    assert validate.validate({"type": "home", "blocks": view.blocks}, "home") == []
    return view


def published(room: Room) -> int:
    """How many pages Slack has taken."""
    return room.calls("views.publish").count(None)


async def test_the_page_of_a_calm_night(either: Room) -> None:
    view = await opened(either)
    assert "Nothing waits for you." in view.shown
    assert "You are on call now: first-line." in view.shown
    assert "first-line: @U01ADA until 2026-11-30 00:00 UTC" in view.shown
    assert "churn: No platform runs it: give it a `platform` and a `ref` in config/estate.yaml." in view.shown
    assert list(view.buttons)[:2] == ["Declare an incident", "Open incidents"]
    assert "How Tocsin is" not in view.shown


async def test_an_incident_is_acknowledged_from_the_page_and_the_page_follows(either: Room) -> None:
    await opened(either)
    await either.book(alert())
    await either.settle(3)
    view = page(either)
    assert "INC-1 · SEV2 · churn v7: Feature drift" in view.shown
    assert "waiting for L1" in view.shown
    assert (await either.ws.press(view, "Acknowledge", by="ada")).acked
    await either.settle(3)
    view = page(either)
    assert "acknowledged by ada" in view.shown
    assert "Acknowledge" not in view.buttons
    (card,) = either.cards()
    assert "Held by @U01ADA" in card.shown


async def test_it_follows_what_somebody_else_does(room: Room) -> None:
    await opened(room)
    await room.book(alert())
    await room.settle(3)
    assert "INC-1" in page(room).shown
    (card,) = room.cards()
    await room.ws.press(card, "Resolve", by="bo")
    await room.settle(3)
    view = page(room)
    assert "INC-1" not in view.shown
    assert "Nothing waits for you." in view.shown


async def test_an_old_page_cannot_acknowledge_what_has_changed(room: Room) -> None:
    await room.book(alert())
    old = await opened(room)
    (card,) = room.cards()
    await room.ws.press(card, "Acknowledge", by="bo")
    await room.settle(0)
    await room.ws.press(old, "Acknowledge", by="ada")
    await room.settle(3)
    assert "bo" in room.ws.dms("ada")[-1].text
    assert "Held by @U01BO" in room.cards()[0].shown
    assert "INC-1" in page(room).shown  # still among the models with open incidents


async def test_show_and_the_lists_answer_by_direct_message(room: Room) -> None:
    await room.book(alert())
    view = await opened(room)
    await room.ws.press(view, "Show", by="ada")
    await room.settle()
    assert room.ws.dms("ada")[-1].text.startswith("[SEV2] churn v7")
    await room.ws.press(view, "Who is on call", by="ada")
    await room.settle()
    assert room.ws.dms("ada")[-1].text.startswith("On call: first-line: ada")


async def test_declare_opens_the_form(room: Room) -> None:
    view = await opened(room)
    await room.ws.press(view, "Declare an incident", by="ada")
    await room.settle()
    form = room.ws.view("ada")
    assert form is not None
    assert form.callback_id == "declare"


async def test_a_test_page_is_sent_and_what_came_of_it_is_said(room: Room) -> None:
    give(room, "ada", notify={"high": (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)))})
    view = await opened(room)
    assert "slack at once, then sms after 2 min (does not work" in view.shown
    await room.ws.press(view, "Send me a test page", by="ada")
    await room.settle()
    texts = [message.text for message in room.ws.dms("ada")]
    assert any("Test page: nothing is wrong" in message.shown for message in room.ws.dms("ada"))
    assert any("slack: the test page is on its way." in text and "sms: nothing here sends" in text for text in texts)


def give(room: Room, name: str, **facts: Any) -> None:
    """The configuration says this of somebody from now on."""
    own = room.desk.settings
    persons = {**own.people.persons, name: replace(own.people.persons[name], **facts)}
    room.desk.settings = replace(own, people=replace(own.people, persons=persons))


async def test_it_speaks_its_readers_language_also_when_it_is_drawn_again(room: Room) -> None:
    room.ws.change_person("bo", locale="tr-TR")
    view = await opened(room, "bo")
    assert "Sizi bekleyen bir şey yok." in view.shown
    await room.book(alert())
    await room.settle(3)
    assert "Açık olayı olan modeller" in page(room, "bo").shown
    assert "INC-1 (SEV2, yanıt bekliyor)" in page(room, "bo").shown
    give(room, "ada", language="tr")
    assert "Olaylarınız" in (await opened(room)).shown


async def test_a_shift_change_shows_at_once(room: Room) -> None:
    hourly = Layer("hourly", datetime(2026, 11, 23), Every(1, Unit.HOUR), ("ada", "bo"))
    room.desk.settings = replace(room.desk.settings, rotas={"first-line": Rota("first-line", "UTC", (hourly,))})
    four = datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert "You are not on call now." in (await opened(room)).shown
    await room.clock.advance(four - timedelta(seconds=1) - room.clock.now())
    await room.worker.drain()
    assert "You are not on call now." in page(room).shown
    await room.settle(1)
    assert "You are on call now: first-line." in page(room).shown
    assert "until 2026-11-23 05:00 UTC" in page(room).shown


async def test_equal_pages_are_not_sent_again_and_changes_of_a_moment_are_one(room: Room) -> None:
    await opened(room)
    assert published(room) == 1
    for _ in range(6):
        await room.pass_time(5)
    assert published(room) == 1
    await room.book(alert(), alert("Latency", "price"))
    await room.book(alert("Cost"))
    await room.settle(3)
    assert published(room) == 2


async def test_after_a_day_nobody_looks_and_nothing_is_sent(room: Room) -> None:
    await opened(room)
    (one,) = await room.desk.store.read(readers.all_)
    before, soon = replace(one, at=one.at - readers.KEPT), room.clock.now()
    await room.desk.store.write(lambda tx: readers.opened(tx, before, soon))
    await room.settle()
    await room.book(alert())
    await room.settle(3)
    assert "INC-1" not in page(room).shown
    assert await room.desk.store.read(readers.all_) == []
    assert "INC-1" in (await opened(room)).shown


async def test_somebody_nobody_knows_is_offered_to_link(room: Room) -> None:
    view = await opened(room, "eve")
    assert "I do not know you yet" in view.shown
    assert next(iter(view.buttons)) == "Link my account"
    await room.ws.press(view, "Link my account", by="eve")
    await room.settle()
    assert room.ws.view("eve") or room.ws.dms("eve")


async def test_a_guest_reads_one_sentence_and_no_more_of_what_they_saw(room: Room) -> None:
    await opened(room, "eve")
    room.ws.change_person("eve", is_restricted=True)
    await room.settle(61)
    view = await opened(room, "eve")
    assert len(view.blocks) == 1
    assert "churn" not in view.shown
    await room.book(alert())
    await room.settle(3)
    assert page(room, "eve") == view


async def test_who_sees_to_the_bot_reads_how_it_is(tmp_path: Path) -> None:
    rows = [("database", True, ""), ("connection prom", False, "Its plugin rests after faults.")]

    async def health() -> list[tuple[str, bool, str]]:
        return rows

    async with rooms.room(tmp_path, health=health) as room:
        own = room.desk.settings
        room.desk.settings = replace(own, people=replace(own.people, admins=("ada",)))
        room.door.offices.main.scopes = frozenset({"chat:write", "commands"})
        view = await opened(room)
        assert "connection prom: Its plugin rests after faults." in view.shown
        assert "scope im:write: Nobody is paged in Slack" in view.shown
        assert "How Tocsin is" not in (await opened(room, "bo")).shown
        rows[1] = ("connection prom", True, "")
        await room.pass_time(5)
        assert "connection prom" not in page(room).shown


@pytest.mark.parametrize("fault", ["500", "internal_error", "ratelimited", "token_revoked"])
async def test_an_outage_ends_with_the_page_there(room: Room, fault: str) -> None:
    room.ws.fault("views.publish", fault, times=3, retry_after=5)
    await look(room)
    assert room.ws.home("ada") is None
    for _ in range(8):
        await room.settle(60)
    assert "On call" in page(room).shown
    assert published(room) == 1


async def test_one_who_has_no_page_is_forgotten_and_holds_nobody_up(room: Room) -> None:
    await opened(room)
    await opened(room, "bo")
    room.ws.fault("views.publish", "not_enabled")
    await room.book(alert())
    await room.settle(3)
    shown = [who for who in ("ada", "bo") if "INC-1" in page(room, who).shown]
    assert len(shown) == 1
    kept = await room.desk.store.read(readers.all_)
    assert [one.reader.user for one in kept] == [f"U01{shown[0].upper()}"]


async def test_many_pages_keep_to_slacks_pace_and_all_come_to_be_true(room: Room) -> None:
    many = [f"p{number}" for number in range(130)]
    for name in many:
        room.ws.add_person(name)
    now = room.clock.now()
    team = room.ws.team_id
    rows = [readers.Reader(team, f"U01{name.upper()}", f"U01{name.upper()}", "en") for name in many]
    for row in rows:
        one = readers.Opened(row, now, readers.NOTHING)
        await room.desk.store.write(lambda tx, one=one: readers.opened(tx, one, now))  # type: ignore[misc]
    await room.settle(0)
    assert published(room) == 100
    assert "ratelimited" not in room.calls("views.publish")
    await room.settle(61)
    assert published(room) == 130
    assert all(room.ws.home(name) for name in many)


async def test_the_messages_tab_draws_nothing(room: Room) -> None:
    await room.ws.event(
        {"type": "app_home_opened", "user": "U01ADA", "channel": "D1", "tab": "messages", "event_ts": "1.1"}
    )
    await room.settle()
    assert room.calls("views.publish") == []


async def test_two_looks_at_once_draw_one_true_page(room: Room) -> None:
    await room.ws.open_home(by="ada")
    await look(room)
    await room.book(alert())
    await room.settle(3)
    assert "INC-1" in page(room).shown
    (post,) = await room.desk.store.read(lambda tx: posts.called(tx, "home"))
    assert post.key == f"home/{room.ws.team_id}/U01ADA"


async def test_nothing_is_planned_where_nobody_has_a_page(room: Room) -> None:
    await room.book(alert())
    await room.settle(3)
    kinds = "SELECT kind FROM jobs WHERE outcome IS NULL"
    planned = await room.desk.store.read(lambda tx: {*tx.sql.exec_driver_sql(kinds).scalars()})
    assert planned == {"step", "incident_picture"}
