"""Who presses: members we know, members we can find out about, and everybody else with a reason and a way on."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.engine import report
from bot.model.incident import Phase
from bot.model.people import People, Person, Team
from bot.sandbox.workspace import Message
from bot.store import links, log
from tests.slack.room import Room, alert, people


@pytest.fixture
def crew(room: Room) -> Room:
    """Dee is of the team and has no Slack id yet; cy leads, bo sees to the bot."""
    return manned(room)


def manned(room: Room, **dee: Any) -> Room:
    ours = people()
    persons = {**ours.persons, "dee": Person("dee", **{"email": "Dee@Example.com"} | dee)}
    teams = {"churn-ml": Team("churn-ml", "retail", ("ada", "bo", "dee"), lead="cy")}
    room.desk.settings = replace(room.desk.settings, people=People(persons, teams, admins=("bo",)))
    return room


async def press(room: Room, button: str = "Acknowledge", by: str = "eve", card: Message | None = None) -> list[str]:
    """Somebody presses a button of the card; what they alone read of it."""
    before = len(room.ws.ephemerals(by))
    assert (await room.ws.press(card or room.cards()[0], button, by=by)).acked
    await room.settle()
    return [message.shown for message in room.ws.ephemerals(by)[before:]]


async def change(room: Room, who: str, **fields: Any) -> None:
    """Something about an account becomes different, and the bot has heard of it."""
    user = room.ws.change_person(who, **fields)
    assert await room.ws.event({"type": "user_change", "user": {"id": user.id, "deleted": user.deleted}})
    await room.door.runner.idle()


async def choose(room: Room, who: str, offer: Message, by: str = "eve") -> None:
    assert (await room.ws.press(offer, "link-as", by=by, value=who)).acked
    await room.settle()


async def story(room: Room) -> list[tuple[str, str]]:
    """What the log says of links and of acknowledging: (what, by whom)."""
    sealed = await room.desk.store.read(lambda tx: [*log.of(tx.sql, "person:dee"), *log.of(tx.sql, "INC-1")])
    wanted = ("person.", "incident.acknowledged")
    return [(each.entry.kind, each.entry.actor) for each in sealed if each.entry.kind.startswith(wanted)]


async def state(room: Room) -> tuple[Phase, str | None]:
    incident = (await report.view(room.desk, "INC-1")).incident
    return incident.phase, incident.holder


# --- by e-mail ---


async def test_a_verified_address_links_at_the_first_press(crew: Room) -> None:
    crew.ws.add_person("dee")  # dee@example.com, as Slack has verified it
    await crew.book(alert())
    assert await press(crew, by="dee") == []
    assert await state(crew) == (Phase.ACKNOWLEDGED, "dee")
    assert await story(crew) == [("person.linked", "slack:U01DEE"), ("incident.acknowledged", "person:dee")]
    link = await crew.desk.store.read(lambda tx: links.of_user(tx, "U01DEE"))
    assert link is not None
    assert (link.person, link.how, link.team) == ("dee", "email", crew.ws.team_id)


@pytest.mark.parametrize(
    ("account", "dee"),
    [
        ({"email_confirmed": False}, {}),
        ({"email": ""}, {"email": None}),
        ({"email": "dee@example.com.evil.example"}, {}),
        ({}, {"slack": "U01SOMEBODYELSE"}),
    ],
    ids=["not verified", "no address", "another address", "has a Slack id"],
)
async def test_any_other_address_links_nobody(room: Room, account: dict[str, Any], dee: dict[str, Any]) -> None:
    manned(room, **dee)
    room.ws.add_person("dee")
    room.ws.change_person("dee", **account)
    await room.book(alert())
    (told,) = await press(room, by="dee")
    assert "I do not know you" in told
    assert (await state(room))[0] is Phase.TRIGGERED
    assert await room.desk.store.read(lambda tx: links.of_user(tx, "U01DEE")) is None


async def test_an_address_of_two_people_links_neither(crew: Room) -> None:
    twin = replace(crew.desk.settings.people.persons["dee"], name="doe")
    ours = crew.desk.settings.people
    both = replace(ours, persons={**ours.persons, "doe": twin})
    crew.desk.settings = replace(crew.desk.settings, people=both)
    crew.ws.add_person("dee")
    await crew.book(alert())
    (told,) = await press(crew, by="dee")
    assert "I do not know you" in told


# --- refused ---


@pytest.mark.parametrize("who", ["ada", "eve"])
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_restricted": True}, "guests cannot act here"),
        ({"is_ultra_restricted": True}, "guests cannot act here"),
        ({"deleted": True}, "account is closed"),
        ({"is_bot": True}, "from people only"),
        ({"is_stranger": True}, "belongs to another workspace"),
    ],
)
async def test_who_is_no_full_member_is_refused_with_the_reason(
    room: Room, who: str, fields: dict[str, Any], reason: str
) -> None:
    await room.book(alert())
    room.ws.change_person(who, **fields)
    (told,) = await press(room, by=who)
    assert reason in told
    assert (await state(room))[0] is Phase.TRIGGERED


async def test_somebody_who_becomes_a_guest_is_noticed_at_once(room: Room) -> None:
    await room.book(alert())
    assert await press(room, by="ada") == []
    await change(room, "ada", is_restricted=True)
    (told,) = await press(room, "Resolve", by="ada")
    assert "guests" in told
    assert await state(room) == (Phase.ACKNOWLEDGED, "ada")


async def test_who_is_asked_about_is_remembered_for_a_minute(room: Room) -> None:
    await room.book(alert())
    card = room.cards()[0]
    for _ in range(3):
        await press(room, by="ada", card=card)
    assert len(room.calls("users.info")) == 1
    await room.pass_time(1.1)
    await press(room, "Resolve", by="ada")
    assert len(room.calls("users.info")) == 2


async def test_a_closed_account_is_nobody_any_more(crew: Room) -> None:
    crew.ws.add_person("dee")
    await crew.book(alert())
    await press(crew, by="dee")
    await change(crew, "dee", deleted=True)
    assert await crew.desk.store.read(lambda tx: links.of_user(tx, "U01DEE")) is None
    assert (await story(crew))[1] == ("person.unlinked", "slack")


# --- Slack does not tell ---


@pytest.mark.parametrize("kind", ["500", "drop", "ratelimited", "missing_scope"])
async def test_somebody_known_by_id_is_never_held_up_by_slack(room: Room, kind: str) -> None:
    await room.book(alert())
    room.ws.fault("users.info", kind)
    assert await press(room, by="ada") == []
    assert await state(room) == (Phase.ACKNOWLEDGED, "ada")


@pytest.mark.parametrize(
    ("kind", "told"),
    [("500", "Try again in a moment"), ("missing_scope", "Ask nobody to give me the scope users:read")],
)
async def test_everybody_else_is_told(room: Room, kind: str, told: str) -> None:
    await room.book(alert())
    room.ws.fault("users.info", kind)
    assert told in (await press(room, by="eve"))[0]
    assert "I do not know you yet" in (await press(room, by="eve"))[0]


async def test_a_slack_that_hangs_is_waited_for_a_second(room: Room) -> None:
    await room.book(alert())
    room.ws.fault("users.info", "hang")
    asking = asyncio.ensure_future(press(room, by="ada"))
    await room.ws.until(lambda: room.calls("users.info"))
    await room.clock.advance(1.0)
    assert await asking == []
    assert await state(room) == (Phase.ACKNOWLEDGED, "ada")
    room.ws.clear_faults()


# --- vouched for ---


async def test_a_press_is_done_once_somebody_vouches(either: Room) -> None:
    room = manned(either)
    await room.book(alert())
    await press(room)
    (offer,) = room.ws.ephemerals("eve")
    assert "so nothing was done: acknowledge INC-1" in offer.shown
    await choose(room, "dee", offer)
    assert "I have asked cy, bo whether you are dee" in room.ws.ephemerals("eve")[-1].shown
    (asked,) = room.ws.dms("cy")
    assert "@U01EVE says that they are dee" in asked.shown
    assert "this is done for them at once: acknowledge INC-1" in asked.shown
    assert (await state(room))[0] is Phase.TRIGGERED

    await room.ws.press(asked, "Yes, it is dee", by="cy")
    await room.settle()

    assert await state(room) == (Phase.ACKNOWLEDGED, "dee")
    assert await story(room) == [
        ("person.link_asked", "slack:U01EVE"),
        ("person.linked", "person:cy"),
        ("incident.acknowledged", "person:dee"),
    ]
    assert [message.shown for message in room.ws.dms("eve")] == ["You are dee from now on; cy has said so."]
    for voucher in ("cy", "bo"):
        (asked,) = room.ws.dms(voucher)
        assert (asked.shown, asked.buttons) == ("cy: @U01EVE is dee.", {})
    assert await press(room, "Resolve") == []
    assert (await state(room))[0] is Phase.RESOLVED


async def test_the_second_voucher_comes_too_late(crew: Room) -> None:
    await crew.book(alert())
    await press(crew)
    await choose(crew, "dee", crew.ws.ephemerals("eve")[0])
    ((at_cy,), (at_bo,)) = crew.ws.dms("cy"), crew.ws.dms("bo")
    await asyncio.gather(
        crew.ws.press(at_cy, "Yes, it is dee", by="cy"),
        crew.ws.press(at_bo, "No", by="bo"),
        crew.ws.press(at_cy, "Yes, it is dee", by="cy"),
    )
    await crew.settle()
    decided = [kind for kind, _ in await story(crew) if kind in ("person.linked", "person.link_declined")]
    assert len(decided) == 1
    late = [message.shown for who in ("cy", "bo") for message in [*crew.ws.ephemerals(who), *crew.ws.dms(who)]]
    assert sum("decided already" in shown for shown in late) >= 1


async def test_who_is_not_vouched_for_hears_it_and_nothing_is_done(crew: Room) -> None:
    await crew.book(alert())
    await press(crew)
    await choose(crew, "dee", crew.ws.ephemerals("eve")[0])
    await crew.ws.press(crew.ws.dms("cy")[0], "No", by="cy")
    await crew.settle()
    assert (await state(crew))[0] is Phase.TRIGGERED
    assert "cy says that you are not dee" in crew.ws.dms("eve")[0].shown
    assert "is not dee. Nothing has changed" in crew.ws.dms("bo")[0].shown
    assert (await story(crew))[-1] == ("person.link_declined", "person:cy")
    assert "I do not know you" in (await press(crew))[0]


async def test_what_was_wanted_long_ago_is_told_and_not_done(crew: Room) -> None:
    await crew.book(alert())
    await press(crew)
    await choose(crew, "dee", crew.ws.ephemerals("eve")[0])
    await crew.clock.advance(16 * 60)
    await crew.ws.press(crew.ws.dms("cy")[0], "Yes, it is dee", by="cy")
    await crew.settle()
    assert (await state(crew))[0] is Phase.TRIGGERED
    assert "You are dee from now on" in crew.ws.dms("eve")[0].shown
    assert "(acknowledge INC-1) is 16 minutes old, so it was not done" in crew.ws.dms("eve")[0].shown


async def test_an_old_card_stays_old_when_the_press_is_repeated(crew: Room) -> None:
    await crew.book(alert())
    await press(crew, "Escalate")
    await choose(crew, "dee", crew.ws.ephemerals("eve")[0])
    await press(crew, "Escalate", by="ada")
    await crew.ws.press(crew.ws.dms("cy")[0], "Yes, it is dee", by="cy")
    await crew.settle()
    assert (await report.view(crew.desk, "INC-1")).incident.tier == "L2"
    assert "has changed since you saw" in crew.ws.ephemerals("eve")[-1].shown


async def test_a_command_is_done_once_somebody_vouches(crew: Room) -> None:
    await crew.book(alert())
    await crew.ws.command("/incident", "ack 1", by="eve", channel="ml-oncall")
    await crew.settle()
    await choose(crew, "dee", crew.ws.ephemerals("eve")[0])
    await crew.ws.press(crew.ws.dms("cy")[0], "Yes, it is dee", by="cy")
    await crew.settle()
    assert await state(crew) == (Phase.ACKNOWLEDGED, "dee")
    assert "INC-1" in crew.ws.ephemerals("eve")[-1].shown


async def test_a_form_is_sent_once_somebody_vouches(crew: Room) -> None:
    await crew.ws.command("/incident", "declare", by="eve", channel="ml-oncall")
    await crew.settle()
    view = crew.ws.view("eve")
    assert view is not None
    assert (await crew.ws.submit(view, {"title": "Scores look wrong"}, by="eve")).acked
    await crew.settle()
    view = crew.ws.view("eve")
    assert view is not None
    assert "It is kept" in view.shown
    (offer,) = [*crew.ws.ephemerals("eve"), *crew.ws.dms("eve")]
    await choose(crew, "dee", offer)
    assert await report.incidents_list(crew.desk) == []
    await crew.ws.press(crew.ws.dms("cy")[0], "Yes, it is dee", by="cy")
    await crew.settle()
    (incident,) = await report.incidents_list(crew.desk)
    assert incident.title == "Scores look wrong"


async def test_saying_the_same_twice_asks_once(crew: Room) -> None:
    await crew.book(alert())
    await press(crew)
    offer = crew.ws.ephemerals("eve")[0]
    await choose(crew, "dee", offer)
    await choose(crew, "dee", offer)
    assert [len(crew.ws.dms(who)) for who in ("cy", "bo")] == [1, 1]


async def test_whoever_is_linked_already_cannot_become_somebody_else(crew: Room) -> None:
    await crew.book(alert())
    await press(crew)
    offer = crew.ws.ephemerals("eve")[0]
    await change(crew, "eve", email="dee@example.com")
    await choose(crew, "dee", offer)
    assert "You are linked to dee already" in crew.ws.ephemerals("eve")[-1].shown
    assert crew.ws.dms("cy") == []


# --- the order, and who is left ---


async def test_the_order_starts_the_same(crew: Room) -> None:
    await crew.ws.command("/tocsin", "link", by="eve", channel="ml-oncall")
    await crew.ws.command("/tocsin", "link", by="ada", channel="ml-oncall")
    await crew.settle()
    assert "You are ada to me" in crew.ws.ephemerals("ada")[0].shown
    (offer,) = crew.ws.ephemerals("eve")
    await choose(crew, "dee", offer)
    await crew.ws.press(crew.ws.dms("bo")[0], "Yes, it is dee", by="bo")
    await crew.settle()
    assert crew.ws.dms("eve")[0].shown == "You are dee from now on; bo has said so."


async def test_where_nobody_is_left_the_admins_are_named(crew: Room) -> None:
    manned(crew, slack="U01DEE")
    await crew.book(alert())
    (told,) = await press(crew)
    assert "nobody in my configuration is without a Slack account. Ask bo." in told


async def test_each_reads_their_own_language(crew: Room) -> None:
    await crew.book(alert())
    crew.ws.change_person("eve", locale="tr-TR")
    (told,) = await press(crew)
    assert "Sizi henüz tanımıyorum" in told
    await change(crew, "eve", locale="de-DE")
    slack = replace(crew.desk.settings.slack, language="tr")
    crew.desk.settings = replace(crew.desk.settings, slack=slack)
    assert "Sizi henüz tanımıyorum" in (await press(crew))[0], "German is not spoken, so it is the workspace's"
