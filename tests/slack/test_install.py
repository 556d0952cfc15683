"""Several workspaces: each installs the app by itself, sees what is its own, and goes without the others noticing."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.contract.guard import Guard
from bot.engine import escalate, page, report, work
from bot.engine.desk import Desk, Way
from bot.model.entry import Entry
from bot.model.estate import Entity, Estate, Model
from bot.model.incident import Phase
from bot.model.people import People, Person, Team
from bot.runbooks import Library
from bot.sandbox.workspace import App, Secrets, Workspace
from bot.sandbox.workspace.grid import Grid
from bot.sandbox.workspace.nouns import ALL_EVENTS
from bot.sandbox.workspace.wire import Wire
from bot.settings import Settings, Slack
from bot.settings.nouns import OAuth
from bot.slack import off
from bot.slack.door import Door
from bot.slack.office import NotInstalled
from bot.store import Store, log
from bot.testing.clock import FakeClock
from tests.slack.room import START, Room, alert, key, rota, runbook

HOME, ACME = "T01WORKSPACE", "T02ACME"
KEY = SecretStr(Fernet.generate_key().decode())
SECRET = "the-client-secret"


def people() -> People:
    """Ada of one workspace, bo of the other; in both there is an ada and a bo, with the same ids."""
    persons = {"ada": Person("ada", slack="U01ADA"), "bo": Person("bo", slack="U01BO", workspace=ACME)}
    return People(persons, {"churn-ml": Team("churn-ml", "retail", ("ada", "bo"), lead="bo")}, admins=("ada",))


def estate() -> Estate:
    models = {"churn": Model("churn", "retail", "churn-ml"), "credit": Model("credit", "lending", "churn-ml")}
    entities = {"retail": Entity("retail", "#ml-retail"), "lending": Entity("lending", "#ml-lending", workspace=ACME)}
    return Estate(entities, models, models)


@dataclass
class Replica(Room):
    """One process of the bot, which can be installed."""

    origin: str = ""

    @property
    def rows(self) -> dict[str, tuple[bool, str]]:
        return {what: (ok, do) for what, ok, do in self.door.ready}

    async def ack(self, incident: str) -> tuple[Phase, str | None]:
        found = (await report.view(self.desk, incident)).incident
        return found.phase, found.holder


@dataclass
class Ground:
    """Two workspaces behind one address, and as many replicas over one database as a test starts."""

    home: Workspace
    acme: Workspace
    grid: Grid
    clock: FakeClock
    folder: Path
    database: str
    stack: AsyncExitStack
    replicas: list[Replica] = field(default_factory=list)

    async def replica(self, *, keys: tuple[SecretStr, ...] = (KEY,), workspace: str | None = HOME) -> Replica:
        """A process of the bot, to which Slack sends everything from now on."""
        doors: list[Any] = []

        async def front(scope: Any, receive: Any, send: Any) -> None:
            await doors[0](scope, receive, send)

        wire = Wire(front)
        origin = f"http://127.0.0.1:{await wire.start(0)}"
        self.stack.push_async_callback(wire.stop)
        oauth = OAuth("1.2", origin, SecretStr(SECRET), keys)
        signing = SecretStr(self.grid.signing_secret)
        slack = Slack(
            "http", "#ml-oncall", signing_secret=signing, api_url=self.grid.url, oauth=oauth, workspace=workspace
        )
        settings = Settings(self.folder, "", slack, people=people(), estate=estate(), rotas={"first-line": rota()})
        store = await Store.open(self.database, clock=self.clock)
        self.stack.push_async_callback(store.close)
        desk = Desk(store, self.clock, settings, Library((runbook(),)))
        door = Door(desk, slack)
        doors.append(Starlette(routes=[Mount("/slack", door.asgi)]))  # as the HTTP door does
        desk.ways["slack"] = Way(door.pager, Guard("slack", self.clock))
        paging = {"step": work.inside(desk, escalate.ring), "page": page.Pages(desk).send}
        handlers = off.HANDLERS | paging | door.handlers
        worker = work.Worker(desk, handlers, owner=f"replica-{len(self.replicas)}")
        self.stack.push_async_callback(door.stop, 1.0)
        await door.start()
        self.grid.request_url = f"{origin}/slack/events"
        self.replicas.append(Replica(self.home, self.clock, desk, door, worker, origin))
        return self.replicas[-1]

    async def install(self, bot: Replica, *workspaces: Workspace) -> None:
        for workspace in workspaces:
            landing = await self.grid.install(workspace, by="ada", start=f"{bot.origin}/slack/install")
            assert (landing.status, "is installed in" in landing.text) == (200, True), landing
            assert landing.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.fixture
async def ground(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Ground]:
    clock = FakeClock(START)
    app = App(events=ALL_EVENTS)
    home = Workspace(clock=clock, people=["ada", "bo"], channels=["#ml-oncall", "#ml-retail"], app=app)
    keys = Secrets(team_id=ACME)
    acme = Workspace(clock=clock, people=["ada", "bo"], channels=["#acme", "#ml-lending"], app=(app, keys))
    async with Grid([home, acme], client_id="1.2", client_secret=SECRET) as grid, AsyncExitStack() as stack:
        yield Ground(home, acme, grid, clock, tmp_path, sqlite_url, stack)


@pytest.fixture
async def bot(ground: Ground) -> Replica:
    return await ground.replica()


def cards(workspace: Workspace, channel: str) -> list[str]:
    return [m.text.partition(" ")[2] for m in workspace.messages(channel) if key(m).startswith("card/")]


async def entries(bot: Replica, team: str) -> list[Entry]:
    sealed = await bot.desk.store.read(lambda tx: log.of(tx.sql, f"workspace:{team}"))
    return [each.entry for each in sealed]


# --- installing ---


async def test_until_somebody_installs_it_everything_waits_and_says_where(ground: Ground, bot: Replica) -> None:
    assert bot.rows == {
        "slack workspaces": (
            False,
            f"The app is not installed in the main workspace. An admin of that workspace opens {bot.origin}"
            "/slack/install and presses Allow.",
        )
    }
    await bot.book(alert())
    await ground.install(bot, ground.home)
    for _ in range(3):  # what waited goes out at Slack's pace
        await bot.pass_time(1)
    assert len(cards(ground.home, "#ml-retail")) == 1
    assert bot.rows == {f"slack workspace {HOME}": (True, "")}
    (entry,) = await entries(bot, HOME)
    assert (entry.kind, entry.actor) == ("workspace.installed", "slack:U01ADA")


async def test_each_workspace_sees_what_is_its_own(ground: Ground, bot: Replica) -> None:
    await ground.install(bot, ground.home, ground.acme)
    await bot.book(alert(), alert("Default rate", model="credit"))
    assert [len(cards(ground.home, "#ml-retail")), len(cards(ground.acme, "#ml-lending"))] == [1, 1]
    assert [m for name in ("#acme",) for m in ground.acme.messages(name)] == []
    assert {key(m)[:5] for m in ground.home.dms("ada")} == {"page/"}
    await bot.pass_time(10)
    assert ground.home.dms("bo") == []
    assert len(ground.acme.dms("bo")) == 2


async def test_a_press_in_one_workspace_cannot_act_as_a_person_of_the_other(ground: Ground, bot: Replica) -> None:
    await ground.install(bot, ground.home, ground.acme)
    await bot.book(alert(), alert("Default rate", model="credit"))
    (theirs,) = [m for m in ground.acme.messages("#ml-lending") if key(m).startswith("card/")]
    incident = key(theirs).partition("/")[2]
    await ground.acme.press(theirs, "Acknowledge", by="ada")  # U01ADA, as our ada is elsewhere
    await bot.settle()
    assert "I do not know you yet" in ground.acme.ephemerals("ada")[-1].shown
    assert await bot.ack(incident) == (Phase.TRIGGERED, None)
    await ground.acme.press(theirs, "Acknowledge", by="bo")
    await bot.settle()
    assert await bot.ack(incident) == (Phase.ACKNOWLEDGED, "bo")
    reply = await ground.home.command("/incident", "resolve 1", by="bo", channel="ml-oncall")  # not that bo
    await bot.settle()
    assert "I do not know you yet" in reply.responses[0].shown
    assert (await bot.ack("INC-1"))[0] is not Phase.RESOLVED


async def test_what_one_replica_learns_the_others_read(ground: Ground) -> None:
    first = await ground.replica()
    second = await ground.replica()
    await ground.install(first, ground.home, ground.acme)
    await ground.clock.advance(6)
    reply = await ground.acme.command("/incident", "list", by="bo", channel="acme")  # reaches the second
    await second.settle()
    assert reply.acked
    assert "No incident is open" in reply.responses[0].shown
    assert second.rows.keys() == first.rows.keys()


async def test_a_start_reads_them_back(ground: Ground, bot: Replica) -> None:
    await ground.install(bot, ground.home, ground.acme)
    again = await ground.replica()
    assert again.door.offices.of(ACME).client.token.get_secret_value() == ground.acme.bot_token
    assert again.door.offices.person("bo") is again.door.offices.entity("lending") is again.door.offices.of(ACME)
    assert again.door.offices.main is again.door.offices.entity("retail") is again.door.offices.of(HOME)


async def test_the_only_workspace_is_the_main_one(ground: Ground) -> None:
    bot = await ground.replica(workspace=None)
    bot.desk.settings = replace(bot.desk.settings, people=People(), estate=Estate())
    await ground.install(bot, ground.acme)
    assert bot.door.offices.main.team == ACME
    landing = await ground.grid.install(ground.home, by="ada", start=f"{bot.origin}/slack/install")
    assert (landing.status, "does not serve the workspace T01WORKSPACE" in landing.text) == (400, True)
    assert bot.door.offices.main.team == ACME


async def test_a_workspace_that_nobody_named_is_refused_and_its_token_given_back(ground: Ground) -> None:
    bot = await ground.replica()
    estate_ = Estate({"retail": Entity("retail", "#ml-retail")})
    bot.desk.settings = replace(bot.desk.settings, people=People(), estate=estate_)
    landing = await ground.grid.install(ground.acme, by="ada", start=f"{bot.origin}/slack/install")
    assert (landing.status, "does not serve the workspace T02ACME" in landing.text) == (400, True)
    assert [(call.method, call.error) for call in ground.acme.calls][-1] == ("auth.revoke", None)
    with pytest.raises(NotInstalled, match="not installed in the workspace T02ACME"):
        bot.door.offices.of(ACME)
    assert await entries(bot, ACME) == []


# --- going ---


async def test_one_goes_and_the_others_stay(ground: Ground, bot: Replica) -> None:
    await ground.install(bot, ground.home, ground.acme)
    await ground.acme.uninstall()
    await bot.settle()
    await bot.book(alert(), alert("Default rate", model="credit"))
    assert [len(cards(ground.home, "#ml-retail")), len(cards(ground.acme, "#ml-lending"))] == [1, 0]
    assert bot.rows.keys() == {f"slack workspace {HOME}"}
    assert [entry.kind for entry in await entries(bot, ACME)] == ["workspace.installed", "workspace.removed"]
    await ground.install(bot, ground.acme)
    await bot.pass_time(2)
    assert len(cards(ground.acme, "#ml-lending")) == 1


async def test_a_token_that_was_revoked_is_forgotten(ground: Ground, bot: Replica) -> None:
    await ground.install(bot, ground.home)
    ground.home.revoke_token()
    await ground.home.until(lambda: not bot.door.offices.all)
    assert not bot.rows["slack workspaces"][0]
    sealed = await bot.desk.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT token FROM installations").all())
    assert sealed == [("",)]


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": ["U01ADA"], "bot": []}}]
)
async def test_an_event_of_the_past_takes_nothing_away(ground: Ground, bot: Replica, event: dict[str, Any]) -> None:
    await ground.install(bot, ground.home)
    assert await ground.home.event(event)
    await bot.settle()
    assert bot.rows == {f"slack workspace {HOME}": (True, "")}


# --- the keys ---


async def test_a_key_that_does_not_fit_is_told_and_an_old_one_behind_it_opens(ground: Ground, bot: Replica) -> None:
    await ground.install(bot, ground.home, ground.acme)
    other = SecretStr(Fernet.generate_key().decode())
    wrong = await ground.replica(keys=(other,))
    ok, do = wrong.rows[f"slack workspace {HOME}"]
    assert not ok
    assert "no key of TOCSIN_TOKEN_KEY fits" in do
    with pytest.raises(NotInstalled, match="no key of TOCSIN_TOKEN_KEY fits"):
        wrong.door.offices.entity("lending")
    right = await ground.replica(keys=(other, KEY))
    assert len(right.door.offices.all) == 2


async def test_secrets_are_nowhere_to_be_read(ground: Ground, bot: Replica, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await ground.install(bot, ground.home, ground.acme)
    await bot.book(alert(), alert("Default rate", model="credit"))
    ground.home.fault("chat.postMessage", "500")
    await bot.say("channel:#ml-retail", "hello")
    tokens = [ground.home.bot_token, ground.acme.bot_token, SECRET, KEY.get_secret_value()]
    await ground.acme.uninstall()
    await bot.settle()
    kept = b"".join(file.read_bytes() for file in ground.folder.glob("tocsin.db*"))
    assert len(kept) > 100_000, "the database was not read"
    said = caplog.text + repr(bot.door.offices.all) + repr(bot.desk.settings) + repr(bot.door.offices.rows)
    for token in tokens:
        assert token.encode() not in kept
        assert token not in said


# --- the pages ---


class Browser:
    """Somebody's browser, without a grid to follow it."""

    def __init__(self, bot: Replica) -> None:
        self._bot = bot
        self.jar = aiohttp.CookieJar(unsafe=True)

    async def get(self, url: str, method: str = "GET") -> tuple[int, str, str]:
        """Status, words and where it leads to."""
        address = url if url.startswith("http") else f"{self._bot.origin}{url}"
        async with (
            aiohttp.ClientSession(cookie_jar=self.jar) as session,
            session.request(method, address, allow_redirects=False) as page,
        ):
            return page.status, await page.text(), page.headers.get("Location", "")


@pytest.fixture
async def browser(bot: Replica) -> Browser:
    return Browser(bot)


async def test_the_first_page_asks_slack_for_what_the_manifest_has(bot: Replica, browser: Browser) -> None:
    status, _, address = await browser.get("/slack/install")
    asked = parse_qs(urlsplit(address).query)
    assert status == 302
    assert asked["redirect_uri"] == [f"{bot.origin}/slack/oauth_redirect"]
    assert {"chat:write", "users:read.email"} <= set(asked["scope"][0].split(","))
    (cookie,) = browser.jar
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/slack")
    assert SECRET not in address


async def test_the_way_back_counts_once(ground: Ground, bot: Replica, browser: Browser) -> None:
    back = ground.grid.consent(ground.home, by="ada", url=(await browser.get("/slack/install"))[2]).redirect
    assert (await browser.get(back))[0] == 200
    status, told, _ = await browser.get(back)
    assert (status, "opened already" in told) == (400, True)
    assert len(await entries(bot, HOME)) == 1


async def test_the_way_back_of_another_browser_is_refused(ground: Ground, bot: Replica, browser: Browser) -> None:
    back = ground.grid.consent(ground.home, by="ada", url=(await browser.get("/slack/install"))[2]).redirect
    status, told, _ = await Browser(bot).get(back)
    assert (status, "another browser" in told) == (400, True)
    assert bot.door.offices.all == ()
    assert (await browser.get(back))[0] == 200, "what was refused elsewhere still counts here"


async def test_after_ten_minutes_it_is_begun_again(ground: Ground, browser: Browser) -> None:
    back = ground.grid.consent(ground.home, by="ada", url=(await browser.get("/slack/install"))[2]).redirect
    await ground.clock.advance(601)
    status, told, _ = await browser.get(back)
    assert (status, "more than ten minutes ago. Begin again at" in told) == (400, True)


@pytest.mark.parametrize("state", ["", "x", "a.b.c", "a.1795405080.00", "é.1.é", "." * 40])
async def test_a_state_that_is_not_ours_is_refused(bot: Replica, browser: Browser, state: str) -> None:
    await browser.get("/slack/install")
    status, told, _ = await browser.get(f"/slack/oauth_redirect?code=1&state={state}")
    assert (status, "not reached from this bot's own install page" in told) == (400, True)


async def test_a_no_and_a_wrong_code_are_told(ground: Ground, bot: Replica, browser: Browser) -> None:
    status, told, _ = await browser.get(ground.grid.deny((await browser.get("/slack/install"))[2]))
    assert (status, "Nothing was installed: Slack says access_denied." in told) == (400, True)
    state = parse_qs(urlsplit((await browser.get("/slack/install"))[2]).query)["state"][0]
    status, told, _ = await browser.get(f"/slack/oauth_redirect?code=made-up&state={state}")
    assert (status, "used already or is too old. Begin again at" in told) == (400, True)
    state = parse_qs(urlsplit((await browser.get("/slack/install"))[2]).query)["state"][0]
    status, told, _ = await browser.get(f"/slack/oauth_redirect?error=<script>&state={state}")
    assert (status, "script" in told) == (400, False)
    assert bot.door.offices.all == ()


async def test_the_pages_are_for_browsers_and_the_rest_is_for_slack(ground: Ground, browser: Browser) -> None:
    assert [(await browser.get(page, "POST"))[0] for page in ("/slack/install", "/slack/oauth_redirect")] == [405, 405]
    assert (await browser.get("/slack/events", "POST"))[0] == 401
    assert (await browser.get("/slack/events"))[0] == 405


async def test_a_slack_that_does_not_answer_is_told(ground: Ground, bot: Replica, browser: Browser) -> None:
    back = ground.grid.consent(ground.home, by="ada", url=(await browser.get("/slack/install"))[2]).redirect
    ground.home.fault("oauth.v2.access", "500")
    status, told, _ = await browser.get(back)
    assert (status, "Slack did not give a token" in told) == (400, True)
    assert bot.door.offices.all == ()
