"""Duty as people meet it in Slack: who is on call, their own shifts, and the forms that change them with a preview."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.rota import Amendment
from tests.slack import rostering
from tests.slack.forming import send, top
from tests.slack.room import Room
from tests.slack.rostering import changes, filled, form, refused, said, shown


@pytest.fixture(autouse=True)
def owner(request: pytest.FixtureRequest) -> None:
    """The rota belongs to the team."""
    rostering.owned(request.getfixturevalue("either" if "either" in request.fixturenames else "room"))


# --- who is on call ---


async def test_who_is_on_call_next_and_what_one_can_do(either: Room) -> None:
    answer = await shown(either)
    assert "first-line: @U01ADA until 2026-11-30 00:00 UTC" in answer.shown
    assert "You are on call for first-line until 2026-11-30 00:00 UTC." in answer.shown
    assert list(answer.buttons) == ["My shifts", "Ask for cover", "Override…", "Add cover…", "Absence…"]
    await either.ws.press(answer, "My shifts", by="ada")
    await either.settle()


async def test_a_rota_with_its_coming_shifts_and_what_changes_it(room: Room) -> None:
    view = await form(room, "override first-line", "cy")
    await send(room, view, "cy", person="cy", starts="2026-11-30 00:00", ends="2026-12-01 00:00", rota="first-line")
    answer = await shown(room, "first-line")
    assert "Coming shifts of first-line" in answer.shown
    assert "2026-11-30 00:00 UTC until 2026-12-01 00:00 UTC: cy" in answer.shown
    assert "2026-12-01 00:00 UTC until 2026-12-07 00:00 UTC: bo" in answer.shown
    assert "override of first-line" in answer.shown
    await room.ws.press(answer, "Take back", by="ada")
    await room.settle()
    assert await changes(room) == []
    assert "cy" not in (await shown(room, "first-line")).shown.split("Coming shifts")[1]


@pytest.mark.parametrize("words", ["mine", "my shifts", "nöbetlerim"])
async def test_my_shifts_of_four_weeks_each_with_its_ways_out(room: Room, words: str) -> None:
    answer = await shown(room, words, "bo")
    assert "first-line · from 2026-11-30 00:00 UTC until 2026-12-07 00:00 UTC" in answer.shown
    assert "first-line · from 2026-12-14 00:00 UTC until 2026-12-21 00:00 UTC" in answer.shown
    row = [one["text"]["text"] for block in answer.blocks if block["type"] == "actions" for one in block["elements"]]
    assert row == ["Ask for cover", "Swap", "Absence…"] * 2
    await room.ws.press(answer, "open.ask-cover.0", by="bo")
    await room.settle()
    view = top(room, "bo")
    typed = {name: next(iter(value.values())).get("value") for name, value in view.state.items()}
    assert (typed["starts"], typed["ends"]) == ("2026-11-30 00:00", "2026-12-07 00:00")
    assert "Offered to ada, cy. The first to accept has it." in view.shown


async def test_a_stranger_sees_who_is_on_call_and_is_asked_who_they_are(room: Room) -> None:
    answer = await shown(room, "", "eve")
    assert "first-line: @U01ADA" in answer.shown
    assert list(answer.buttons) == []
    for words in ("mine", "ask", "accept CVR-1"):
        assert "first-line" not in await said(room, words, "eve")
        assert room.ws.view("eve") is None


async def test_words_that_are_names_stay_names(room: Room) -> None:
    own = room.desk.settings
    rotas = {**own.rotas, "covers": replace(own.rotas["first-line"], name="covers")}
    room.desk.settings = replace(own, rotas=rotas)
    assert "covers: @U01ADA" in await said(room, "covers")
    assert "Nothing is called 'frist-line'" in await said(room, "frist-line")


# --- the forms ---


async def test_an_override_shows_before_and_after_and_who_is_told(either: Room) -> None:
    view = await filled(
        either,
        await form(either, "override first-line", "cy"),
        "cy",
        rota="first-line",
        person="cy",
        starts="2026-11-30 09:00",
        ends="8h",
    )
    parts = view.shown.split("As it will be")
    assert "2026-11-30 00:00 UTC until 2026-12-01 17:00 UTC: bo" in parts[0]
    assert "2026-11-30 09:00 UTC until 2026-11-30 17:00 UTC: cy" in parts[1]
    assert "Told by direct message: bo, cy." in view.shown
    done = await send(either, view, "cy")
    (made,) = await changes(either)
    assert (made.kind, made.person, made.replaces, made.by) == (Amendment.OVERRIDE, "cy", None, "cy")
    assert (made.start, made.end) == (datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC))
    assert made.id in done.shown or "cy" in done.shown
    assert "not on call for first-line" in either.ws.dms("bo")[-1].shown


async def test_a_named_member_is_replaced_and_only_while_they_are_on_call(room: Room) -> None:
    view = await filled(room, await form(room, "override first-line", "cy"), "cy", rota="first-line")
    values = {"person": "cy", "replaces first-line": "ada", "starts": "2026-11-30 09:00", "ends": "8h"}
    field, why = await refused(room, view, "cy", **values)
    assert field == "replaces first-line"
    assert "ada is not on call for first-line" in why
    done = await send(room, top(room, "cy"), "cy", **{"replaces first-line": "bo"})
    assert "problem" not in [block.get("block_id") for block in done.content["blocks"]]
    (made,) = await changes(room)
    assert made.replaces == "bo"


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({"starts": "2026-11-20 09:00", "ends": "2026-11-21 09:00"}, "starts", "what was stays"),
        ({"starts": "2026-11-30 09:00", "ends": "2026-11-29 09:00"}, "ends", "end before it begins"),
        ({"starts": "2026-11-30 09:00", "ends": "200d"}, "ends", "longer than"),
        ({"starts": "tomorrow", "ends": "8h"}, "starts", "is no moment"),
        ({"starts": "", "ends": "soonish"}, "ends", "is no moment"),
        ({"starts": "2026-11-30 09:00", "ends": "8h", "person": "bo"}, "person", ""),
    ],
)
async def test_what_cannot_be_is_said_under_its_field(room: Room, values: dict[str, str], field: str, why: str) -> None:
    view = await form(room, "override first-line", "cy")
    given = {"rota": "first-line", "person": "cy", **values}
    blamed, sentence = await refused(room, view, "cy", **given)
    assert blamed == field, sentence
    assert why in sentence
    assert await changes(room) == []


async def test_what_is_missing_is_said_at_once(room: Room) -> None:
    view = await form(room, "cover first-line")
    values = {"rota": "first-line", "person": "cy", "ends": "   "}
    reply = await room.ws.submit(view, values, by="ada")
    assert reply.errors == {"ends": "This is needed."}


async def test_only_who_may_changes_a_rota_but_everybody_is_away_when_they_must(room: Room) -> None:
    own = room.desk.settings
    team = replace(own.people.teams["churn-ml"], members=(), lead="cy")
    room.desk.settings = replace(own, people=replace(own.people, teams={"churn-ml": team}))
    view = await form(room, "cover first-line", "bo")
    field, why = await refused(room, view, "bo", rota="first-line", person="bo", ends="8h")
    assert field == "rota"
    assert "your own shifts" in why
    view = await form(room, "absence first-line", "bo")
    seen = await filled(room, view, "bo", rota="first-line", person="bo", starts="2026-11-30 00:00", ends="1d")
    assert "Nobody is left" in seen.shown or "nobody" in seen.shown.lower()
    await send(room, seen, "bo")
    (made,) = await changes(room)
    assert (made.kind, made.person) == (Amendment.ABSENCE, "bo")


async def test_a_rota_that_moved_since_the_preview_is_shown_anew(room: Room) -> None:
    values = {"rota": "first-line", "person": "cy", "starts": "2026-11-30 09:00", "ends": "8h"}
    view = await filled(room, await form(room, "cover first-line", "cy"), "cy", **values)
    meanwhile = await form(room, "absence first-line", "ada")
    await send(room, meanwhile, rota="first-line", person="bo", starts="2026-11-30 00:00", ends="1d")
    field, why = await refused(room, view, "cy")
    assert field != "person"
    assert "changed" in why
    done = await send(room, top(room, "cy"), "cy")  # now they have seen it
    assert "problem" not in [block.get("block_id") for block in done.content["blocks"]]
    assert [one.kind for one in await changes(room)] == [Amendment.ABSENCE, Amendment.COVER]
