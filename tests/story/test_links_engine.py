"""Who a Slack user is: the configuration first, then a verified address, then somebody who vouches for it."""

import asyncio
from datetime import timedelta

import pytest

from bot.engine import link, respond
from bot.engine.link import PATIENCE
from bot.errors import NotFound, Refused
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.store.links import Request
from tests.story.engine_room import Room

NEW, TEAM = "U09NEW", "T1"
REPLAY = {"verb": "acknowledge", "incident": "INC-1", "seen": 2}


async def person(room: Room, user: str) -> str | None:
    return await room.desk.store.read(lambda tx: room.desk.person(tx, f"slack:{user}"))


async def asked(room: Room, person: str = "gus", user: str = NEW) -> Request:
    return await link.ask(room.desk, user, TEAM, person, REPLAY, room.now)


async def decided(room: Room, request: Request, by: str, yes: bool = True) -> link.Decided:
    return await link.decide(room.desk, request.id, by, yes, room.now)


async def test_a_verified_address_makes_a_user_the_one_person_who_has_it(any_room: Room) -> None:
    found = await link.by_email(any_room.desk, NEW, TEAM, " gus@EXAMPLE.com", any_room.now)
    assert found is not None
    assert (found.name, await person(any_room, NEW)) == ("gus", "gus")
    (entry,) = [each.entry for each in await any_room.log("person:gus")]
    assert (entry.kind, entry.actor) == ("person.linked", f"slack:{NEW}")
    assert entry.after == {"slack_user": NEW, "team": TEAM, "how": "email"}
    assert await link.by_email(any_room.desk, NEW, TEAM, "gus@example.com", any_room.now) == found  # once is enough
    assert len(await any_room.log("person:gus")) == 1


@pytest.mark.parametrize("email", ["", "nobody@example.com", "bo@example.com", "gus@example.com.evil.org"])
async def test_an_address_nobody_has_or_whose_person_is_known_links_nobody(room: Room, email: str) -> None:
    assert await link.by_email(room.desk, NEW, TEAM, email, room.now) is None
    assert await person(room, NEW) is None


async def test_an_address_two_people_share_tells_nothing(room: Room) -> None:
    room.change(
        "config/people.yaml",
        "          - {name: flo, slack: U01FLO}".strip(),
        "- {name: flo, email: gus@example.com, notify: {high: [email]}}",
    )
    assert await link.by_email(room.desk, NEW, TEAM, "gus@example.com", room.now) is None


async def test_of_two_users_with_one_address_the_first_is_the_person(any_room: Room) -> None:
    users = ("U09A", "U09B", "U09C")
    await asyncio.gather(*(link.by_email(any_room.desk, u, TEAM, "gus@example.com", any_room.now) for u in users))
    known = [await person(any_room, user) for user in users]
    assert sorted(map(str, known)) == ["None", "None", "gus"]


async def test_somebody_who_is_vouched_for_may_do_what_they_wanted(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    press = respond.Press(Verb.ACKNOWLEDGE, incident.id, f"slack:{NEW}", room.now, "button", incident.version)
    assert (await respond.take(room.desk, press)).verdict is Verdict.STRANGER
    request = await asked(room)
    answer = await decided(room, request, "slack:U01CY")  # the lead of gus's team
    assert answer.linked
    assert answer.request.replay == REPLAY
    assert answer.sentence == f"{NEW} is gus from now on."
    assert (await respond.take(room.desk, press)).verdict is Verdict.GO
    assert (await room.incident(incident.id)).holder == "gus"
    kinds = [each.entry.kind for each in await room.log("person:gus")]
    assert kinds == ["person.link_asked", "person.linked"]
    assert (await room.log("person:gus"))[-1].entry.after["how"] == "vouched:cy"


async def test_an_admin_may_vouch_too_and_anybody_may_be_told_no(room: Room) -> None:
    assert link.vouchers(room.desk, "gus") == ("cy", "eve")
    answer = await decided(room, await asked(room), "slack:U01EVE", yes=False)
    assert not answer.linked
    assert await person(room, NEW) is None
    assert [each.entry.kind for each in await room.log("person:gus")] == ["person.link_asked", "person.link_declined"]


@pytest.mark.parametrize("by", [f"slack:{NEW}", "slack:U01ADA", "slack:U01DEE", "slack:U0STRANGER", "person:gus", ""])
async def test_nobody_else_can_vouch_least_of_all_whoever_asks(room: Room, by: str) -> None:
    request = await asked(room)
    for yes in (True, False):
        with pytest.raises(Refused, match=r"cannot vouch for gus.*cy, eve"):
            await decided(room, request, by, yes)
    assert await person(room, NEW) is None
    assert (await decided(room, request, "slack:U01CY")).linked  # and the request stands as it stood


async def test_a_request_is_decided_once(any_room: Room) -> None:
    request = await asked(any_room)
    words = [decided(any_room, request, by, yes) for by, yes in (("slack:U01CY", True), ("slack:U01EVE", False))]
    first, second = await asyncio.gather(*words, return_exceptions=True)
    assert sum(isinstance(each, NotFound) for each in (first, second)) == 1
    assert sum(isinstance(each, link.Decided) for each in (first, second)) == 1


async def test_a_request_runs_out(room: Room) -> None:
    request = await asked(room)
    await room.clock.advance(PATIENCE - timedelta(seconds=1))
    assert request.expires_at == room.now + timedelta(seconds=1)
    await room.clock.advance(1)
    with pytest.raises(NotFound, match="in time"):
        await decided(room, request, "slack:U01CY")


async def test_a_later_request_of_the_same_user_takes_the_place_of_the_first(room: Room) -> None:
    first = await asked(room)
    second = await asked(room)
    with pytest.raises(NotFound):
        await decided(room, first, "slack:U01CY")
    assert (await decided(room, second, "slack:U01CY")).linked


async def test_whoever_is_known_already_cannot_be_claimed_or_become_another(room: Room) -> None:
    with pytest.raises(Refused, match="ada has a Slack user already"):
        await asked(room, "ada")
    with pytest.raises(Refused, match="You are linked to bo already"):
        await asked(room, "gus", user="U01BO")
    with pytest.raises(NotFound):
        await asked(room, "nobody")
    await decided(room, await asked(room), "slack:U01CY")
    with pytest.raises(Refused, match="gus has a Slack user already"):
        await asked(room, "gus", user="U09OTHER")


async def test_two_who_claim_one_person_end_as_one(room: Room) -> None:
    one, two = await asked(room, user="U09A"), await asked(room, user="U09B")
    await decided(room, one, "slack:U01CY")
    with pytest.raises(Refused, match="has a Slack user by now"):
        await decided(room, two, "slack:U01EVE")
    assert (await person(room, "U09A"), await person(room, "U09B")) == ("gus", None)


async def test_where_nobody_can_vouch_nobody_is_asked(room: Room) -> None:
    room.change("config/people.yaml", "admins: [eve]", "admins: [gus]")
    room.change("config/people.yaml", "members: [ada, bo, gus], lead: cy", "members: [ada, bo, gus], lead: gus")
    room.change("runbooks/anything.md", "lead:churn-ml", "person:cy")
    with pytest.raises(Refused, match="Nobody can vouch"):
        await asked(room)


async def test_the_configuration_goes_before_a_link(room: Room) -> None:
    await decided(room, await asked(room), "slack:U01CY")
    room.change("config/people.yaml", "{name: gus, email", "{name: gus, slack: U01GUS, email")
    assert await person(room, "U01GUS") == "gus"
    assert await person(room, NEW) is None  # gus is another Slack user, says the operator
    room.change("config/people.yaml", "slack: U01GUS", f"slack: {NEW}")
    assert await person(room, NEW) == "gus"


async def test_a_link_can_be_taken_away_and_given_anew(any_room: Room) -> None:
    room = any_room
    await decided(room, await asked(room), "slack:U01CY")
    assert await link.unlink(room.desk, NEW, "person:eve", room.now, "left the company") == "gus"
    assert await person(room, NEW) is None
    assert await link.unlink(room.desk, NEW, "person:eve", room.now) is None
    last = (await room.log("person:gus"))[-1].entry
    assert (last.kind, last.why) == ("person.unlinked", "left the company")
    assert (await decided(room, await asked(room, user="U09OTHER"), "slack:U01CY")).linked


async def test_a_link_to_somebody_who_has_gone_leads_nowhere(room: Room) -> None:
    await decided(room, await asked(room), "slack:U01CY")
    gus = "- {name: gus, email: Gus@example.com, notify: {high: [email]}}"
    text = (room.home / "config/people.yaml").read_text(encoding="utf-8")
    text = text.replace(gus, "").replace("[ada, bo, gus]", "[ada, bo]")
    (room.home / "config/people.yaml").write_text(text, encoding="utf-8")
    room.reload()
    assert await person(room, NEW) is None
