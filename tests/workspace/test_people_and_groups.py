"""Who is who, who is at their desk, and who is mentioned by one handle."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import ALL_EVENTS, App, Person, UserGroup, Workspace
from bot.testing.clock import FakeClock
from tests.workspace.conftest import Heard, hearing, told
from tests.workspace.test_web_api import error

GROUP = "S01ONCALLML"


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace with a user group, that tells the bot of everything."""
    people = [
        Person("ada", locale="tr-TR"),
        Person("bo", email_confirmed=False, presence="away"),
        Person("gone", deleted=True),
    ]
    async with Workspace(clock=clock, people=people, app=App(events=ALL_EVENTS)) as workspace:
        workspace.add_group(UserGroup("oncall-ml", users=("ada",)))
        yield workspace


@pytest.fixture
async def heard(ws: Workspace) -> AsyncIterator[Heard]:
    """What a bot is told."""
    async with hearing(ws) as heard:
        yield heard


async def test_a_group_is_listed_and_its_list_replaced(ws: Workspace, slack: AsyncWebClient, heard: Heard) -> None:
    ws.add_group(UserGroup("former", disabled=True))
    [listed] = (await slack.usergroups_list(include_users=True, include_count=True))["usergroups"]
    assert (listed["id"], listed["handle"], listed["users"], listed["user_count"]) == (
        GROUP,
        "oncall-ml",
        ["U01ADA"],
        1,
    )
    assert len((await slack.usergroups_list(include_disabled=True))["usergroups"]) == 2

    said = await slack.usergroups_users_update(usergroup=GROUP, users=["U01BO"])

    assert said["usergroup"]["users"] == ["U01BO"]
    assert (await slack.usergroups_users_list(usergroup=GROUP))["users"] == ["U01BO"]
    assert ws.group("@oncall-ml").users == ("U01BO",)
    await ws.until(lambda: told(heard, "subteam_members_changed"))
    [changed] = told(heard, "subteam_members_changed")
    assert (changed["added_users"], changed["removed_users"]) == (["U01BO"], ["U01ADA"])
    assert told(heard, "subteam_updated")[0]["subteam"]["users"] == ["U01BO"]


@pytest.mark.parametrize(
    ("group", "users", "expected"),
    [
        (GROUP, "", "no_users_provided"),
        (GROUP, "U01ADA,U0NOBODY", "invalid_users"),
        (GROUP, "U01GONE", "invalid_users"),
        ("S0NONE", "U01ADA", "no_such_subteam"),
    ],
)
async def test_a_group_takes_a_whole_list_of_members(
    group: str, users: str, expected: str, ws: Workspace, slack: AsyncWebClient
) -> None:
    assert (await error(slack.usergroups_users_update(usergroup=group, users=users)))["error"] == expected
    assert ws.group("oncall-ml").users == ("U01ADA",)


@pytest.mark.parametrize("refusal", ["plan_upgrade_required", "permission_denied"])
async def test_a_workspace_may_have_no_groups_for_bots(refusal: str, ws: Workspace, slack: AsyncWebClient) -> None:
    ws.fault("usergroups.users.update", refusal)
    assert (await error(slack.usergroups_users_update(usergroup=GROUP, users="U01BO")))["error"] == refusal
    assert ws.group("oncall-ml").users == ("U01ADA",)


async def test_people_say_their_language_and_whether_their_address_is_theirs(
    ws: Workspace, slack: AsyncWebClient
) -> None:
    ada = (await slack.users_info(user="U01ADA", include_locale=True))["user"]
    bo = (await slack.users_info(user="U01BO"))["user"]
    assert (ada["locale"], ada["is_email_confirmed"], ada["profile"]["email"]) == ("tr-TR", True, "ada@example.com")
    assert (bo.get("locale"), bo["is_email_confirmed"]) == (None, False)
    ws.revoke("users:read.email")
    assert "email" not in (await slack.users_info(user="U01ADA"))["user"]["profile"]


async def test_who_is_at_their_desk_and_who_is_not_to_be_disturbed(
    ws: Workspace, slack: AsyncWebClient, clock: FakeClock
) -> None:
    ws.change_person("ada", dnd_until=clock.now() + timedelta(hours=1))
    assert [(await slack.users_getPresence(user=u))["presence"] for u in ("U01ADA", "U01BO", "U01GONE")] == [
        "active",
        "away",
        "away",
    ]
    team = (await slack.dnd_teamInfo(users=["U01ADA", "U01BO", "U0NOBODY"]))["users"]
    assert {user: status["dnd_enabled"] for user, status in team.items()} == {"U01ADA": True, "U01BO": False}
    many = slack.dnd_teamInfo(users=[f"U{n}" for n in range(51)])
    assert (await error(many))["error"] == "too_many_users"


async def test_the_bot_hears_of_people_who_change_and_come(ws: Workspace, heard: Heard, clock: FakeClock) -> None:
    ws.change_person("ada", deleted=True)
    ws.change_person("bo", dnd_until=clock.now() + timedelta(hours=1))
    ws.add_person("cy")
    await ws.until(lambda: len(heard) == 3)
    [changed], [quiet], [new] = (told(heard, kind) for kind in ("user_change", "dnd_updated_user", "team_join"))
    assert (changed["user"]["id"], changed["user"]["deleted"]) == ("U01ADA", True)
    assert (quiet["user"], quiet["dnd_status"]["dnd_enabled"]) == ("U01BO", True)
    assert new["user"]["profile"]["email"] == "cy@example.com"
