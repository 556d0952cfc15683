"""User groups in Slack hold exactly who is on call; what Slack refuses is said once and stands in nobody's way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import ticker
from bot.model.entry import Sealed
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.sandbox.workspace.nouns import UserGroup
from bot.slack import groups
from bot.store import links, log
from tests.slack.room import START, Room

LAYER = Layer("hourly", datetime(2026, 11, 23), Every(1, Unit.HOUR), ("bo", "ada"))  # ada is on call from three to four
ALWAYS_ADA = (replace(LAYER, members=("ada",)),)
FOUR = datetime(2026, 11, 23, 4, tzinfo=UTC)
LIST, UPDATE = "usergroups.users.list", "usergroups.users.update"


def configure(room: Room, group: str = "oncall-ml", *, language: str = "en", **rota: object) -> None:
    """The group is kept equal to first-line, in which Ada and Bo take turns by the hour."""
    own = room.desk.settings
    hourly = replace(Rota("first-line", "UTC", (LAYER,)), **rota)  # type: ignore[arg-type]
    slack = replace(own.slack, usergroups={"first-line": group}, language=language)
    room.desk.settings = replace(own, slack=slack, rotas={"first-line": hourly})


async def tick(room: Room, minutes: int = 1) -> None:
    """The time door rings, and what it asked for is done at the next full minute; so many times."""
    for _ in range(minutes):
        now = room.clock.now()
        grouped = room.desk.settings.slack.usergroups
        await room.desk.store.write(lambda tx, now=now, grouped=grouped: ticker.recur(tx, now, grouped))  # type: ignore[misc]
        await room.settle(60)


def members(room: Room, group: str = "oncall-ml") -> list[str]:
    """Who is in the group."""
    return sorted(room.ws.group(group).users)


def by_hand(room: Room, *users: str) -> None:
    """Somebody else changes who is in the group."""
    room.ws.add_group(UserGroup("oncall-ml", id=room.ws.group("oncall-ml").id, users=users))


async def synced(room: Room) -> list[Sealed]:
    """What the log says of the rota's group."""
    found = await room.desk.store.read(lambda tx: log.of(tx.sql, "rota:first-line", 100))
    return [one for one in found if one.entry.kind == "usergroup.synced"]


def told(room: Room) -> list[str]:
    """What everybody was told."""
    return [message.text for message in room.ws.messages("#ml-oncall")]


async def test_the_group_holds_who_is_on_call_and_the_log_says_so(room: Room) -> None:
    room.ws.add_group(UserGroup("oncall-ml", users=("U01CY",)))
    configure(room)
    await tick(room)
    assert members(room) == ["U01ADA"]
    (one,) = await synced(room)
    assert one.entry.before == {"users": ["U01CY"]}
    assert one.entry.after == {"users": ["U01ADA"], "group": "oncall-ml"}
    assert "ada's turn" in one.entry.why
    assert told(room) == []


async def test_it_follows_the_shift_at_the_instant_it_changes(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    configure(room)
    await tick(room)
    await room.clock.advance(FOUR - timedelta(seconds=1) - room.clock.now())
    await room.worker.drain()
    assert members(room) == ["U01ADA"]
    await room.settle(1)
    assert members(room) == ["U01BO"]
    assert len(await synced(room)) == 2


async def test_an_override_is_followed(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    configure(room)
    await tick(room)
    cover = Override("o1", "first-line", Amendment.COVER, START, START + timedelta(minutes=10), "cy")
    room.desk.settings = replace(room.desk.settings, overrides=(cover,))
    await tick(room)
    assert members(room) == ["U01ADA", "U01CY"]
    await room.clock.advance(START + timedelta(minutes=10) - room.clock.now())
    await room.settle()
    assert members(room) == ["U01ADA"]


async def test_equal_is_left_alone_and_looked_at_now_and_then(room: Room) -> None:
    room.ws.add_group(UserGroup("oncall-ml", users=("U01ADA",)))
    configure(room)
    await tick(room, 5)
    assert room.calls(UPDATE) == []
    assert room.calls(LIST) == [None]
    assert await synced(room) == []
    by_hand(room, "U01ADA", "U01EVE")
    await tick(room, 5)
    assert members(room) == ["U01ADA"]
    assert room.calls(UPDATE) == [None]


async def test_a_group_may_be_given_by_its_id(room: Room) -> None:
    group = room.ws.add_group("oncall-ml")
    configure(room, group.id)
    await tick(room)
    assert members(room) == ["U01ADA"]


async def test_linked_people_count_and_people_without_slack_are_left_out(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    own = room.desk.settings
    persons = {**own.people.persons, "ada": replace(own.people.persons["ada"], slack=None)}
    room.desk.settings = replace(own, people=replace(own.people, persons=persons))
    configure(room)
    room.desk.settings = replace(
        room.desk.settings,
        overrides=(Override("o1", "first-line", Amendment.COVER, START, FOUR, "cy"),),
    )
    await tick(room)
    assert members(room) == ["U01CY"]
    link = links.Link("U01EVE", room.ws.team_id, "ada", room.clock.now(), "email")
    await room.desk.store.write(lambda tx: links.add(tx, link))
    await tick(room)
    assert members(room) == ["U01CY", "U01EVE"]


async def test_nobody_on_call_leaves_the_group_as_it_is_and_says_so(room: Room) -> None:
    room.ws.add_group(UserGroup("oncall-ml", users=("U01CY",)))
    configure(room, layers=(replace(LAYER, members=(None, "bo")),))
    room.desk.settings = replace(
        room.desk.settings,
        overrides=(Override("o1", "first-line", Amendment.ABSENCE, START, FOUR, "bo"),),
    )
    await tick(room, 3)
    assert members(room) == ["U01CY"]
    assert room.calls(UPDATE) == []
    assert told(room) == [
        "The user group oncall-ml is not kept equal to the rota first-line: nobody who is on call has a Slack account "
        "that I know. Until somebody has, the group stays as it is."
    ]


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        ("plan_upgrade_required", "has no user groups. Upgrade it"),
        ("paid_teams_only", "has no user groups. Upgrade it"),
        ("permission_denied", "An admin allows it"),
        ("missing_scope", "Add usergroups:read and usergroups:write"),
        ("invalid_users", "Correct their Slack id"),
        ("something_new", "Slack says something_new. I try again every hour."),
    ],
)
async def test_what_slack_refuses_is_said_once_and_tried_again_after_an_hour(room: Room, code: str, cure: str) -> None:
    room.ws.add_group("oncall-ml")
    configure(room, layers=ALWAYS_ADA)
    room.ws.fault(UPDATE, code, times=2)
    await tick(room, 10)
    assert len(room.calls(UPDATE)) == 1
    (said,) = told(room)
    assert said.startswith("The user group oncall-ml is not kept equal to the rota first-line: ")
    assert cure in said
    await tick(room, 52)
    assert len(room.calls(UPDATE)) == 2  # an hour later: the same again, and nobody hears of it
    assert len(told(room)) == 1
    await tick(room, 62)
    assert members(room) == ["U01ADA"]  # somebody has paid
    assert len(told(room)) == 1
    assert len(await synced(room)) == 1
    by_hand(room, "U01CY")
    room.ws.fault(UPDATE, code)
    await tick(room, 6)
    assert len(told(room)) == 2  # it was good in between, so this is news


async def test_a_group_that_is_not_there_or_disabled(room: Room) -> None:
    configure(room, layers=ALWAYS_ADA)
    await tick(room)
    assert "there is no such group. Make one with that handle" in told(room)[0]
    room.ws.add_group(UserGroup("oncall-ml", disabled=True))
    await tick(room, 62)
    assert "the group is disabled. Enable it again" in told(room)[1]
    configure(room, "oncall-eu", layers=ALWAYS_ADA)  # somebody corrected the handle: that is not waited for
    room.ws.add_group("oncall-eu")
    await tick(room)
    assert members(room, "oncall-eu") == ["U01ADA"]


async def test_one_who_has_left_does_not_hold_up_the_next_shift(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    room.ws.change_person("ada", deleted=True)
    configure(room)
    await tick(room)
    assert "Slack does not take somebody who is on call" in told(room)[0]
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle()
    assert members(room) == ["U01BO"]


async def test_everybody_is_told_in_the_language_of_the_workspace(room: Room) -> None:
    configure(room, language="tr")
    await tick(room)
    assert told(room)[0].startswith("oncall-ml kullanıcı grubu şu nöbetle eşit tutulamıyor: first-line.")


@pytest.mark.parametrize("fault", ["500", "ratelimited", "internal_error", "drop"])
async def test_an_outage_is_waited_for_in_silence(room: Room, fault: str) -> None:
    room.ws.add_group("oncall-ml")
    configure(room)
    room.ws.fault(LIST, fault, times=3, retry_after=5)
    await tick(room)
    await tick(room, 3)
    assert members(room) == ["U01ADA"]
    assert told(room) == []


async def test_an_update_in_doubt_stands_in_the_log_once(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    configure(room)
    await tick(room)
    room.ws.fault(UPDATE, "500", after_effect=True)
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle(30)
    assert members(room) == ["U01BO"]
    assert room.calls(UPDATE) == [None, "500"]
    _ada, bo = await synced(room)
    assert (bo.entry.before["users"], bo.entry.after["users"]) == (["U01ADA"], ["U01BO"])


async def test_many_groups_keep_to_slacks_pace(room: Room) -> None:
    own = room.desk.settings
    names = [f"rota-{number}" for number in range(30)]
    rotas = {name: Rota(name, "UTC", (LAYER,)) for name in names}
    slack = replace(own.slack, usergroups={name: f"group-{name}" for name in names})
    room.desk.settings = replace(own, slack=slack, rotas=rotas)
    for name in names:
        room.ws.add_group(f"group-{name}")
    await tick(room, 4)
    assert all(members(room, f"group-{name}") == ["U01ADA"] for name in names)
    assert {"ratelimited"}.isdisjoint(room.calls(UPDATE) + room.calls(LIST) + room.calls("usergroups.list"))
    assert len(room.calls("usergroups.list")) <= 2  # two are worked on at once


async def test_what_was_taken_out_of_the_configuration_is_left_alone(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    configure(room)
    await tick(room)
    room.desk.settings = replace(room.desk.settings, slack=replace(room.desk.settings.slack, usergroups={}))
    await room.ask_for(groups.look("first-line", room.clock.now()))
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle()
    assert members(room) == ["U01ADA"]


async def test_replicas_look_once_a_minute_at_most(room: Room) -> None:
    room.ws.add_group("oncall-ml")
    configure(room)
    for second in (1, 20, 39):
        now = START.replace(second=second)
        for _replica in range(3):
            await room.desk.store.write(lambda tx, now=now: ticker.recur(tx, now, ["first-line"]))  # type: ignore[misc]
    await room.worker.drain()
    assert room.calls(LIST) == []
    await room.settle(60)
    assert room.calls(LIST) == [None]
    await room.settle(10 * 60)  # without a time door nothing asks for another look before the shift ends
    assert room.calls(LIST) == [None]
