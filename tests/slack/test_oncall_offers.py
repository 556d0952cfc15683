"""Offers of cover: one living message in the channel and with those who could take it, until it is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.engine import armed
from bot.model.armed import Matter
from bot.model.cover import Standing
from bot.model.rota import Amendment, Override
from bot.slack import buttons
from bot.store import Tx, covers, log
from bot.store import armed as kept
from tests.slack import rostering
from tests.slack.forming import send, top
from tests.slack.room import START, Room
from tests.slack.rostering import OWN, SHIFT, asked, changes, filled, form, home_of, offers, refused, said, shown, wish


@pytest.fixture(autouse=True)
def owner(request: pytest.FixtureRequest) -> None:
    """The rota belongs to the team."""
    rostering.owned(request.getfixturevalue("either" if "either" in request.fixturenames else "room"))


async def test_an_offer_lives_in_the_channel_and_with_those_who_could_take_it(either: Room) -> None:
    assert "CVR-1 is offered to ada, cy" in await asked(either, why="a wedding")
    (card,) = offers(either)
    assert "CVR-1 · bo asks for cover" in card.shown
    assert "first-line · from 2026-11-30 00:00 UTC until 2026-12-07 00:00 UTC" in card.shown
    assert "a wedding" in card.shown
    assert list(card.buttons) == ["Accept", "Withdraw"]
    (direct,) = offers(either, "cy")
    assert list(direct.buttons) == ["Accept"]
    assert len(offers(either, "ada")) == 1
    assert offers(either, "bo") == []
    await either.ws.press(direct, "Accept", by="cy")
    await either.settle(3)
    taken = await wish(either)
    assert (taken.standing, taken.taken_by) == (Standing.TAKEN, "cy")
    for place in ("#ml-retail", "ada", "cy"):
        (after,) = offers(either, place)
        assert "cy has it" in after.shown
        assert list(after.buttons) == []
    (made,) = await changes(either)
    assert (made.kind, made.person, made.replaces) == (Amendment.OVERRIDE, "cy", "bo")


async def test_the_first_to_accept_has_it(room: Room) -> None:
    await asked(room)
    (card,) = offers(room)
    (direct,) = offers(room, "cy")
    await room.ws.press(card, "Accept", by="ada")
    await room.ws.press(direct, "Accept", by="cy")
    await room.settle(3)
    first = (await wish(room)).taken_by
    assert first in ("ada", "cy")
    assert len(await changes(room)) == 1


async def test_only_the_asker_and_who_keeps_the_rota_may_withdraw(room: Room) -> None:
    own = room.desk.settings
    team = replace(own.people.teams["churn-ml"], members=("bo",), lead="bo")
    room.desk.settings = replace(own, people=replace(own.people, teams={"churn-ml": team}))
    await asked(room)
    (card,) = offers(room)
    await room.ws.press(card, "Withdraw", by="ada")
    await room.settle(3)
    assert (await wish(room)).standing is Standing.OPEN
    await room.ws.press(offers(room)[0], "Withdraw", by="bo")
    await room.settle(3)
    assert (await wish(room)).standing is Standing.WITHDRAWN
    assert "It was withdrawn; the shift stays with bo." in offers(room)[0].shown
    assert list(offers(room)[0].buttons) == []


async def test_nobody_accepts_their_own_nor_from_an_old_screen_nor_as_a_stranger(room: Room) -> None:
    await asked(room)
    (card,) = offers(room)
    await room.ws.press(card, "Accept", by="bo")
    await room.ws.press(card, "Accept", by="eve")
    await room.settle(3)
    assert (await wish(room)).standing is Standing.OPEN
    request = await wish(room)
    await room.desk.store.write(lambda tx: covers.save(tx, request, replace(request, version=request.version + 1)))
    await room.ws.press(card, "Accept", by="cy")
    await room.settle(3)
    assert (await wish(room)).standing is Standing.OPEN
    kinds = [one.entry.kind for one in await room.desk.store.read(lambda tx: log.of(tx.sql, "CVR-1", 50))]
    assert kinds.count("cover.refused") == 3


async def test_a_swap_gives_each_the_others_shift(room: Room) -> None:
    back = {"return_starts": SHIFT["starts"], "return_ends": SHIFT["ends"]}
    view = await filled(room, await form(room, "swap first-line", "bo"), "bo", **OWN, **back)
    assert "In return, as it is now" in view.shown
    await send(room, view, "bo")
    await room.settle(3)
    (card,) = offers(room)
    assert "CVR-1 · bo wants to swap" in card.shown
    assert "In return bo takes from 2026-12-07 00:00 UTC until 2026-12-14 00:00 UTC." in card.shown
    await room.ws.press(card, "Accept", by="ada")
    await room.settle(3)
    made = [(one.person, one.replaces) for one in await changes(room)]
    assert made == [("ada", "bo"), ("bo", "ada")]


@pytest.mark.parametrize(
    ("words", "values", "field"),
    [
        ("ask", SHIFT, "starts"),  # ada's shift, not bo's
        ("ask", {**OWN, "ends": "2026-11-29 00:00"}, "ends"),
        ("ask", {**OWN, "starts": "2026-11-01 00:00"}, "starts"),
        ("swap", {**OWN, "return_starts": "2026-12-15 00:00", "return_ends": "1d"}, "return_starts"),  # his own
        ("swap", {**OWN, "return_starts": "2026-12-07 00:00", "return_ends": "2026-12-06 00:00"}, "return_ends"),
        ("swap", {**OWN, "return_starts": "whenever", "return_ends": "1d"}, "return_starts"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_at_its_field(
    room: Room, words: str, values: dict[str, str], field: str
) -> None:
    blamed, sentence = await refused(room, await form(room, f"{words} first-line", "bo"), "bo", **values)
    assert blamed == field, sentence
    assert offers(room) == []


async def test_asking_twice_for_the_same_is_refused(room: Room) -> None:
    await asked(room)
    _, why = await refused(room, await form(room, "ask first-line", "bo"), "bo", **OWN)
    assert "CVR-1" in why
    answer = await shown(room, "mine", "bo")
    assert "CVR-1 is offered to others" in answer.shown
    assert next(iter(answer.buttons)) == "Withdraw"


async def test_covers_are_listed_and_taken_by_word(room: Room) -> None:
    assert "Nobody wants a cover." in await said(room, "covers", "cy")
    await asked(room)
    answer = await shown(room, "covers", "cy")
    assert "CVR-1 · bo asks for cover" in answer.shown
    assert list(answer.buttons) == ["Accept"]
    assert list((await shown(room, "covers", "bo")).buttons) == ["Withdraw"]
    assert "Covers that are wanted (1)" in (await shown(room, "", "cy")).buttons
    assert "cy takes the shift of bo" in await said(room, "accept cvr-1", "cy")
    assert "cy has CVR-1 already." in await said(room, "accept 1", "ada")


async def test_when_nobody_takes_it_the_offer_says_so(room: Room) -> None:
    await asked(room)
    await room.clock.advance(datetime(2026, 11, 30, tzinfo=UTC) - room.clock.now())
    await room.settle(5)
    await room.settle(5)
    assert (await wish(room)).standing is Standing.PAST
    assert "Nobody took it before the shift began: bo is on call." in offers(room)[0].shown
    assert list(offers(room)[0].buttons) == []


async def test_each_reads_the_offer_in_their_own_language(room: Room) -> None:
    own = room.desk.settings
    persons = {**own.people.persons, "cy": replace(own.people.persons["cy"], language="tr")}
    room.desk.settings = replace(own, people=replace(own.people, persons=persons))
    await asked(room)
    assert "bo asks for cover" in offers(room)[0].shown
    assert "bo yerine geçecek birini arıyor" in offers(room, "cy")[0].shown
    assert list(offers(room, "cy")[0].buttons) == ["Kabul et"]


async def test_a_channel_that_takes_nothing_leaves_the_direct_messages(room: Room) -> None:
    for channel in ("#ml-retail", "#ml-oncall"):
        room.ws.channel(channel).archived = True
    await asked(room)
    assert len(offers(room, "cy")) == 1


async def test_hostile_words_neither_mention_nor_link(room: Room) -> None:
    await asked(room, why="<!channel> *<https://evil.example|now>* <@U01ADA>")
    (card,) = offers(room)
    assert "<!channel>" in card.shown
    drawn = str(card.blocks)
    assert "'type': 'broadcast'" not in drawn
    assert "'type': 'link'" not in drawn


async def test_a_forged_button_does_nothing(room: Room) -> None:
    await asked(room)
    (card,) = offers(room)
    for detail in ("", "accept", "drop CVR-1", "accept CVR-99", "accept CVR-1; drop"):
        value = buttons.encode(buttons.Meant("offer", "", 1, detail))
        forged = {"type": "button", "action_id": "x", "value": value, "text": {"type": "plain_text", "text": "X"}}
        forgery = replace(card, blocks=[{"type": "actions", "block_id": "b", "elements": [forged]}])
        await room.ws.press(forgery, "X", by="cy")
        await room.settle()
    assert (await wish(room)).standing is Standing.OPEN


# --- by mention, and on one's own page ---


async def test_cover_me_in_a_channel_offers_the_form(room: Room) -> None:
    await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> can somebody cover me on friday?", by="bo")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle(3)
    answer = room.ws.messages("#ml-retail", thread=room.ws.messages("#ml-retail")[-1])[-1]
    assert list(answer.buttons) == ["Ask for cover"]
    await room.ws.press(answer, "Ask for cover", by="bo")
    await room.settle()
    assert top(room, "bo").title == "Ask for cover"


async def test_ones_own_page_has_the_next_shift_and_the_covers_to_take(room: Room) -> None:
    await asked(room)
    view = await home_of(room, "cy")
    assert "You have no shift in the next four weeks." in view.shown
    assert "Covers you may take" in view.shown
    assert "CVR-1 · bo asks for cover" in view.shown
    await room.ws.press(view, "Accept", by="cy")
    await room.settle(5)
    view = await home_of(room, "cy")
    assert "Your next shift: first-line, from 2026-11-30 00:00 UTC until 2026-12-07 00:00 UTC." in view.shown
    assert "Covers you may take" not in view.shown


async def test_ones_own_page_tells_the_gaps_one_answers_for(room: Room) -> None:
    own = room.desk.settings
    end = START + timedelta(days=2)
    away = Override("a1", "first-line", Amendment.ABSENCE, START + timedelta(days=1), end, "ada")
    room.desk.settings = replace(own, overrides=(away,))

    def look(tx: Tx) -> None:
        until = START + armed.AHEAD
        found = armed.look(
            room.desk.settings, room.desk.runbooks, armed.seen(tx, room.desk, START, until), START, until
        )
        kept.looked(tx, found)
        kept.put(tx, Matter("gap/first-line", START, until, found.gaps))

    await room.desk.store.write(look)
    view = await home_of(room, "bo")
    assert "Out of reach in the next 14 days" in view.shown
    assert "rota:first-line: nobody from 2026-11-24 03:38 UTC until 2026-11-25 03:38 UTC." in view.shown
