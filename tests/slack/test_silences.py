"""Silences as people meet them in Slack: shown before they hold, told where they concern somebody, ended by a press."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.engine import silence
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.sandbox.workspace import Message, View
from bot.slack import validate
from bot.store import log, silences
from tests.slack.forming import opened, send, story, top
from tests.slack.room import START, Room, alert

HOSTILE = '<!channel> *x* `y` <https://evil.example|ok> :skull: "\u202eq" {matchers}'


async def standing(room: Room) -> list[Silence]:
    """Those in force or planned."""
    return await silence.standing(room.desk, room.clock.now())


async def typed(room: Room, text: str, by: str = "ada", channel: str = "#ml-retail") -> Message:
    """What `/incident text` is answered, for its person's eyes only."""
    reply = await room.ws.command("/incident", text, by=by, channel=channel)
    await room.settle()
    return reply.responses[-1]


def told(room: Room, channel: str = "#ml-retail") -> list[str]:
    """The notices of a channel."""
    return [one.text for one in room.ws.messages(channel) if one.text.startswith("SIL-")]


async def form(room: Room, by: str = "ada") -> View:
    """The form behind More on the only card."""
    return await opened(room, "Silence", by)


async def story_of(room: Room, subject: str) -> list[str]:
    """The kinds of what was written down about it."""
    return [each.entry.kind for each in await room.desk.store.read(lambda tx: log.of(tx.sql, subject))]


# --- the form ---


async def test_the_form_is_filled_by_the_incident_and_says_what_it_hits(either: Room) -> None:
    await either.book(alert(), alert("Latency", model="price"))
    view = await form(either)
    assert view.state["matchers"]["field.matchers"]["value"] == (
        "model = churn\nkind = drift\nenvironment = production"
    )
    assert "Hits now: 1 firing (open incidents: 1)." in view.shown
    assert "INC-1 · Feature drift" in view.shown
    assert "until 2026-11-23 05:38 UTC" in view.shown
    await either.ws.fill(view, {"matchers": "environment = production", "span": "1d"}, by="ada")
    await either.settle()
    assert "Hits now: 2 firing (open incidents: 2)." in top(either).shown
    assert "until 2026-11-24 03:38 UTC" in top(either).shown
    await either.ws.fill(top(either), {"matchers": "model = churn", "ends": "90m"}, by="ada")
    done = await send(either, top(either), why="Backfill of age runs", boxes=["shadow"])
    assert "SIL-1 holds until 2026-11-23 05:08 UTC." in done.shown
    (made,) = await standing(either)
    assert made == Silence(
        "SIL-1",
        (Matcher("model", "=", "churn"),),
        START + (made.starts_at - START),
        made.starts_at + timedelta(minutes=90),
        "person:ada",
        "Backfill of age runs",
        made.starts_at,
        shadow=True,
        incident="INC-1",
    )
    assert "incident.silenced" in await story(either)
    assert await story_of(either, "SIL-1") == ["silence.made"]
    assert len(told(either)) == 1
    assert told(either)[0].startswith("SIL-1 (silence, only told, nothing is held back) by ada, until 2026-11-23 05:08")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"why": "  "}, {"why": "This is needed."}),
        ({"matchers": "nonsense = 1"}, {"matchers": "There is no field 'nonsense'."}),
        ({"matchers": "title =~ (a+)+b"}, {"matchers": "could run away"}),
        ({"matchers": "model churn"}, {"matchers": "is no condition"}),
        ({"ends": "soon"}, {"ends": "'soon' is no moment."}),
        ({"starts": "31:00"}, {"starts": "'31:00' is no moment."}),
        ({"starts": "soon", "ends": "later", "why": " "}, {"starts": "soon", "ends": "later", "why": "needed"}),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(room: Room, fields: dict[str, str], wrong: dict[str, str]) -> None:
    await room.book(alert())
    view = await form(room)
    reply = await room.ws.submit(view, {"why": "deploy", **fields}, by="ada")
    assert set(reply.errors) == set(wrong)
    assert all(part in reply.errors[name] for name, part in wrong.items())
    assert await standing(room) == []


@pytest.mark.parametrize(
    ("fields", "problem", "field"),
    [
        ({"ends": "2026-11-23 03:00"}, "That end lies in the past.", "ends"),
        ({"starts": "2026-11-22 03:00"}, "That start lies in the past.", "starts"),
        ({"ends": "31d"}, "A silence lasts 30 days at most.", "ends"),
        ({"starts": "2026-11-24 10:00", "ends": "2026-11-24 09:00"}, "It would end before it starts.", "ends"),
        ({"matchers": "model = churn\nentity = market"}, "This can never hold", "matchers"),
    ],
)
async def test_what_only_the_engine_knows_is_said_below_its_field(
    room: Room, fields: dict[str, str], problem: str, field: str
) -> None:
    await room.book(alert())
    again = await send(room, await form(room), **{"why": "deploy", **fields})
    assert problem in again.shown
    ids = [block["block_id"] for block in again.content["blocks"]]
    assert ids[ids.index("problem") - 1] == field
    assert again.state["why"]["field.why"]["value"] == "deploy"  # nothing that was typed is lost
    assert await standing(room) == []


async def test_an_incident_without_a_model_is_silenced_by_what_tells_its_alert_apart(room: Room) -> None:
    title = 'A "quoted", title'
    await room.book(alert(title, model="", problem="x", version=None, environment=None, entity="retail"))
    view = await form(room)
    assert view.state["matchers"]["field.matchers"]["value"] == (
        'entity = retail\nkind = drift\nconnection = prom\ntitle = "A \\"quoted\\", title"'
    )
    assert "Hits now: 1 firing" in view.shown
    assert "SIL-1 holds" in (await send(room, view, why="known")).shown


async def test_words_that_would_do_harm_are_shown_as_they_are(room: Room) -> None:
    await room.book(alert(HOSTILE, model="", problem="x", labels={"alertname": HOSTILE}))
    view = await form(room, "cy")
    assert validate.validate(view.content, "modal") == []
    done = await send(room, view, "cy", why=HOSTILE)
    assert "SIL-1 holds" in done.shown
    (text,) = told(room, "#ml-oncall")
    assert "<!channel>" not in text
    assert "<https" not in text
    listed = await typed(room, "silences", "cy")
    assert validate.validate({"text": listed.text, "blocks": listed.blocks}, "message") == []


async def test_everything_is_for_admins_and_is_asked_twice(room: Room) -> None:
    own = room.desk.settings
    await room.book(alert())
    refused = await send(room, await form(room), matchers="kind =~ .*", why="all of it")
    assert "only the admins" in refused.shown
    room.desk.settings = replace(own, people=replace(own.people, admins=("ada",)))
    again = await send(room, refused, matchers="kind =~ .*", why="all of it")
    assert "say so once more" in again.shown
    assert await standing(room) == []
    done = await send(room, again, boxes=["sure"])
    assert "SIL-1 holds" in done.shown
    assert await story_of(room, "silence") == ["silence.refused", "silence.refused"]


async def test_who_has_nothing_to_do_with_it_is_refused(room: Room) -> None:
    own = room.desk.settings
    people = own.people
    persons = {**people.persons, "eve": replace(people.persons["bo"], name="eve", slack="U01EVE")}
    room.desk.settings = replace(own, people=replace(people, persons=persons))
    await room.book(alert())
    refused = await typed(room, "silence model = churn for 2h because I like quiet", "eve")
    await room.ws.press(refused, "Silence", by="eve")
    await room.settle()
    assert "You may silence what names a model or entity of your own team" in last(room, "eve")
    assert await standing(room) == []


def last(room: Room, by: str, channel: str = "#ml-retail") -> str:
    """What somebody was told last, for their eyes only."""
    return room.ws.ephemerals(by)[-1].text


# --- commands ---


async def test_a_whole_command_shows_what_it_hits_and_a_press_makes_it(either: Room) -> None:
    await either.book(alert())
    shown = await typed(either, "silence model=churn kind = drift for 2h because “backfill” of a > b")
    assert "Hits now: 1 firing" in shown.shown
    assert await standing(either) == []
    await either.pass_time(10)
    await either.ws.press(shown, "Silence", by="ada")
    await either.settle()
    (made,) = await standing(either)
    assert made.matchers == (Matcher("model", "=", "churn"), Matcher("kind", "=", "drift"))
    assert made.ends_at - made.starts_at == timedelta(hours=2)  # from the press on
    assert made.why == '"backfill" of a > b'
    assert "SIL-1 holds until" in last(either, "ada")


async def test_an_incident_alone_fills_in_the_rest(room: Room) -> None:
    await room.book(alert())
    shown = await typed(room, "silence INC-1 2h because the feed is late")
    assert "model = churn, kind = drift, environment = production" in shown.shown
    await room.ws.press(shown, "Silence", by="ada")
    await room.settle()
    assert [one.incident for one in await standing(room)] == ["INC-1"]
    await room.ws.command("/incident", "silence 1", by="ada")
    await room.settle()
    view = top(room)
    assert view.title == "Silence"
    assert view.state["matchers"]["field.matchers"]["value"].startswith("model = churn")


async def test_maintenance_is_planned_on_the_persons_own_clock_and_told_at_both_ends(room: Room) -> None:
    own = room.desk.settings
    persons = {**own.people.persons, "ada": replace(own.people.persons["ada"], timezone="Europe/Istanbul")}
    room.desk.settings = replace(own, people=replace(own.people, persons=persons))
    shown = await typed(room, "maintenance churn 2h from 2026-11-23 08:00 because the table moves")
    assert "From 2026-11-23 05:00 UTC until 2026-11-23 07:00 UTC" in shown.shown
    await room.ws.press(shown, "Plan it", by="ada")
    await room.settle()
    assert "SIL-1 is planned from 2026-11-23 08:00 +03 until 2026-11-23 10:00 +03." in last(room, "ada")
    (made,) = await standing(room)
    assert (made.maintenance, made.starts_at.hour, made.ends_at.hour) == (True, 5, 7)
    assert [text.partition(":")[0] for text in told(room)] == [
        "SIL-1 (maintenance) by ada is planned from 2026-11-23 05"
    ]
    await room.pass_time(90)
    assert told(room)[1:] == [
        "SIL-1 (maintenance) holds from now until 2026-11-23 07:00 UTC: model = churn. the table moves"
    ]
    await room.pass_time(180)
    assert told(room)[2:] == ["SIL-1 (maintenance) is over: model = churn. What still fires is paged now."]
    await room.pass_time(600)
    assert len(told(room)) == 3
    assert await standing(room) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("silences", "No silence holds or is planned."),
        ("unsilence SIL-7", "There is no silence 'SIL-7'."),
        ("unsilence", "No silence holds"),
        ("maintenance chrun 2h because x", "Did you mean 'churn'?"),
        ("silence nonsense=1 2h because x", "There is no field 'nonsense'."),
        ("silence model=churn 31d because x", "30 days at most"),
        ("silence model=churn until 2020-01-01 10:00 because x", "That end lies in the past."),
        ("silence title=~(a+)+b 2h because x", "could run away"),
        ("silence INC-9 2h because x", "There is no incident INC-9."),
        ("silence model=churn model=price 2h because x", "can never hold"),
    ],
)
async def test_what_cannot_be_done_gets_a_clear_answer(room: Room, text: str, answer: str) -> None:
    said = await typed(room, text)
    assert answer in f"{said.text} {said.shown}"


async def test_two_people_end_one_silence_and_only_one_did(room: Room) -> None:
    await room.book(alert())
    shown = await typed(room, "silence model=churn 2h because x")
    await room.ws.press(shown, "Silence", by="ada")
    await room.settle()
    mine, theirs = await typed(room, "silences"), await typed(room, "mutes", "bo")
    await asyncio.gather(room.ws.press(mine, "End SIL-1", by="ada"), room.ws.press(theirs, "End SIL-1", by="bo"))
    await room.settle()
    answers = sorted((last(room, "ada"), last(room, "bo")))
    assert any("SIL-1 is ended." in one for one in answers)
    assert any("SIL-1 was ended already, by " in one for one in answers)
    assert (await story_of(room, "SIL-1")).count("silence.ended") == 1
    assert len([text for text in told(room) if "was ended by" in text]) == 1
    ended = await silence.get(room.desk, "SIL-1")
    assert ended.ended_by in ("person:ada", "person:bo")
    assert "SIL-1 was ended already" in (await typed(room, "unsilence 1")).text


async def test_a_stranger_may_look_but_not_end(room: Room) -> None:
    await room.book(alert())
    await room.ws.press(await typed(room, "silence model=churn 2h because x"), "Silence", by="ada")
    await room.settle()
    listed = await typed(room, "silences", "eve")
    assert "SIL-1" in listed.text
    assert not listed.buttons
    await typed(room, "unsilence SIL-1", "eve")
    assert len(await standing(room)) == 1


async def test_the_home_page_lists_them_with_an_end(room: Room) -> None:
    await room.book(alert())
    await room.ws.press(await typed(room, "silence model=churn 2h because x"), "Silence", by="ada")
    await room.settle()
    await room.ws.open_home(by="bo")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()
    page = room.ws.home("bo")
    assert page is not None
    assert "SIL-1 (silence) · model = churn" in page.shown
    await room.ws.press(page, "End SIL-1", by="bo")
    await room.settle(5)
    assert await standing(room) == []
    page = room.ws.home("bo")
    assert page is not None
    assert "SIL-1" not in page.shown


async def test_a_mention_understands_the_same_words(room: Room) -> None:
    await room.book(alert())
    await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> silence churn for 2h because backfill", by="ada")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()
    shown = room.ws.messages("#ml-retail")[-1]
    assert "Hits now: 1 firing" in shown.shown
    await room.ws.press(shown, "Silence", by="ada")
    await room.settle()
    assert [one.matchers for one in await standing(room)] == [(Matcher("model", "=", "churn"),)]


async def test_turkish_words_do_the_same(room: Room) -> None:
    own: Any = room.desk.settings
    persons = {**own.people.persons, "ada": replace(own.people.persons["ada"], language="tr")}
    room.desk.settings = replace(own, people=replace(own.people, persons=persons))
    await room.book(alert())
    shown = await typed(room, "sustur churn 2 saat çünkü tablo taşınıyor")
    assert "Şu anda etkilediği: 1 açık olayda 1 uyarı." in shown.shown
    await room.ws.press(shown, "Sustur", by="ada")
    await room.settle()
    assert "SIL-1 şu zamana kadar geçerli" in last(room, "ada")
    kept = await room.desk.store.read(lambda tx: silences.get(tx, "SIL-1"))
    assert (kept.why, kept.ends_at - kept.starts_at) == ("tablo taşınıyor", timedelta(hours=2))
