"""The page's door: its files and their rules, names that lead here from elsewhere, and the acts the page needs."""

import asyncio
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import Workspace, screen
from bot.sandbox.workspace.control import HEADER
from bot.slack import manifest
from tests.workspace.conftest import bolt
from tests.workspace.test_fields import TEXT
from tests.workspace.test_forms_and_views import form

PIXEL = bytes.fromhex("89504e470d0a1a0a")
SCRIPTS = [name for name in screen.files() if name.endswith(".js")]
#: Ways to make elements or code out of text, in a page that shows what strangers wrote.
PERILOUS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|srcdoc"
    r"|parseFromString|setHTMLUnsafe|javascript:"
)
IMPORT = re.compile(r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""")


@pytest.fixture
async def browser(ws: Workspace) -> AsyncIterator[aiohttp.ClientSession]:
    """Asks the workspace as a browser would, with the token of the control API."""
    async with aiohttp.ClientSession(ws.origin, headers={HEADER: ws.control_token}) as session:
        yield session


class Refs(HTMLParser):
    """What a document loads, and what it would do by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.loaded += [str(said["src"])] if "src" in said else []
        self.loaded += [str(said["href"])] if tag == "link" else []
        self.inline += [f"{tag} {name}" for name in said if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in said) else []


async def get(session: aiohttp.ClientSession, path: str, **options: Any) -> tuple[int, bytes, Any]:
    async with session.get(path, **options) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_the_page_needs_no_token_and_says_nothing_of_the_workspace(ws: Workspace) -> None:
    async with aiohttp.ClientSession(ws.origin) as stranger:
        status, body, headers = await get(stranger, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert ws.control_token.encode() not in body
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;")
    assert "unsafe" not in policy
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-cache", "nosniff")


async def test_whatever_the_page_loads_is_served_from_here(browser: aiohttp.ClientSession) -> None:
    wanted = set(Refs((await get(browser, "/"))[1].decode()).loaded)
    seen: set[str] = set()
    while wanted - seen:
        path = sorted(wanted - seen)[0]
        seen.add(path)
        status, body, headers = await get(browser, path)
        assert status == 200, path
        kind = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}[path.rpartition(".")[2]]
        assert headers["Content-Type"].startswith(kind)
        assert headers["Content-Security-Policy"]
        if path.endswith(".js"):
            wanted |= {f"/page/{name.removeprefix('./')}" for name in IMPORT.findall(body.decode())}
    assert "/page/page.js" in seen


def test_the_document_holds_no_code_and_no_style() -> None:
    assert Refs(screen.files()["index.html"].decode()).inline == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_makes_no_markup_of_text_and_stays_short(name: str) -> None:
    text = screen.files()[name].decode()
    assert not PERILOUS.search(text), name
    assert not re.search(r"""(?:from|import\()\s*["'](?!\./)""", text), f"{name} imports from elsewhere"
    assert len(text.splitlines()) <= 400


def test_the_patterns_find_what_they_are_for() -> None:
    for bad in ("node.innerHTML = x", "eval(x)", "document.write(x)", 'link.href = "javascript:x"'):
        assert PERILOUS.search(bad)
    assert IMPORT.findall('import { h } from "./dom.js";\nawait import("./x.js")') == ["./dom.js", "./x.js"]
    assert Refs('<p onclick="x"><style></style><script>x</script>').inline == ["p onclick", "style", "script"]


@pytest.mark.parametrize(
    "path", ["/page/", "/page/page.py", "/page/../server.py", "/page/%2e%2e/nouns.py", "/page/x.js"]
)
async def test_nothing_but_the_page_can_be_read(browser: aiohttp.ClientSession, path: str) -> None:
    status, body, _ = await get(browser, path)
    assert status == 404
    assert b"import" not in body


async def test_the_page_can_only_be_read(browser: aiohttp.ClientSession) -> None:
    async with browser.post("/", data=b"x") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    async with browser.head("/page/page.js") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/control/state"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.", "127.0.0.1:x", "[::1]", ""]
)
async def test_a_name_from_elsewhere_is_refused_even_with_the_token(
    browser: aiohttp.ClientSession, path: str, host: str
) -> None:
    status, body, headers = await get(browser, path, headers={"Host": host})
    assert (status, body.decode()) == (403, screen.STRANGE)
    assert headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["localhost", "LocalHost:9191", "127.0.0.1"])
async def test_this_machine_may_call_itself_by_its_names(browser: aiohttp.ClientSession, host: str) -> None:
    assert (await get(browser, "/", headers={"Host": host}))[0] == 200
    assert (await get(browser, "/control/state", headers={"Host": host}))[0] == 200


async def test_the_web_api_takes_any_name(ws: Workspace) -> None:
    """A bot in a container calls the machine by another name; its token is what guards the API."""
    headers = {"Host": "workspace.internal", "Authorization": f"Bearer {ws.bot_token}"}
    async with aiohttp.ClientSession() as session, session.post(f"{ws.url}auth.test", headers=headers) as answer:
        assert (await answer.json())["ok"] is True


# --- the acts of the page ---


async def test_a_picture_is_shown_and_a_page_of_a_stranger_is_only_kept(
    ws: Workspace, slack: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    await slack.files_upload_v2(channel="C01MLONCALL", filename="drift.png", content=PIXEL)
    await slack.files_upload_v2(channel="C01MLONCALL", filename="drift.svg", content="<svg onload='x'/>")
    picture, drawing = (file.id for file in ws.files)
    status, body, headers = await get(browser, f"/control/file?id={picture}")
    assert (status, body, headers["Content-Type"]) == (200, PIXEL, "image/png")
    assert headers["Content-Disposition"] == "inline"
    _, _, headers = await get(browser, f"/control/file?id={drawing}")
    assert (headers["Content-Type"], headers["Content-Disposition"]) == ("application/octet-stream", "attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert (await get(browser, "/control/file?id=F0"))[0] == 400
    async with aiohttp.ClientSession(ws.origin) as stranger:
        assert (await get(stranger, f"/control/file?id={picture}"))[0] == 401


async def test_the_page_is_told_of_the_commands_and_what_others_offer(
    ws: Workspace, browser: aiohttp.ClientSession
) -> None:
    async def tour(args: dict[str, Any]) -> object:
        return {"steps": [], "by": args["by"]}

    async with browser.get("/control/about") as answer:
        bare = await answer.json()
    assert (bare["name"], bare["commands"], bare["shortcuts"]) == ("tocsin", [], [])
    assert "tour" not in bare["extras"]
    ws.about = {"manifest": manifest.manifest("socket")}
    ws.offer("tour", tour)
    async with browser.get("/control/about") as answer:
        told = await answer.json()
    assert told["name"] == "Tocsin"
    assert {one["command"] for one in told["commands"]} == {one.name for one in manifest.COMMANDS}
    assert {one["callback_id"] for one in told["shortcuts"]} == {one.callback_id for one in manifest.SHORTCUTS}
    assert "tour" in told["extras"]
    async with browser.get("/control/tour?by=ada") as answer:
        assert await answer.json() == {"steps": [], "by": "ada"}


@pytest.mark.parametrize("name", ["press", "state", "tour"])
async def test_a_name_that_is_taken_is_refused(ws: Workspace, name: str) -> None:
    async def act(args: dict[str, Any]) -> object:
        return {}

    ws.offer("tour", act) if name == "tour" else None
    with pytest.raises(ValueError, match=f"/control/{name} is there already"):
        ws.offer(name, act)


async def test_two_buttons_of_one_name_are_told_apart_by_their_blocks(
    ws: Workspace, slack: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    pressed: list[str] = []

    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            pressed.append(body["actions"][0]["block_id"])

    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    rows = [{"type": "actions", "block_id": at, "elements": [button]} for at in ("first", "second")]
    async with bolt(ws, "socket", listen):
        posted = await slack.chat_postMessage(channel="C01MLONCALL", text="two", blocks=rows)
        said = {"channel": "C01MLONCALL", "ts": posted["ts"], "by": "ada"}
        async with browser.post("/control/press", json={**said, "button": "go"}) as answer:
            assert answer.status == 400
            assert "BLOCK_ID/ACTION_ID" in (await answer.json())["error"]
        async with browser.post("/control/press", json={**said, "button": "second/go"}) as answer:
            assert (await answer.json())["acked"] is True
    assert pressed == ["second"]


async def test_a_field_is_filled_by_its_block_and_its_own_name(ws: Workspace, browser: aiohttp.ClientSession) -> None:
    def listen(app: AsyncApp) -> None:
        @app.shortcut("open")
        async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=form(TEXT))

    async with bolt(ws, "socket", listen):
        await ws.shortcut("open", by="ada")
        await ws.until(lambda: ws.view("ada"))
        values = {"text/text.said": "drift since noon"}
        async with browser.post("/control/fill", json={"by": "ada", "values": values}) as answer:
            assert answer.status == 200
        view = ws.view("ada")
        assert view is not None
        assert view.state["text"]["text.said"]["value"] == "drift since noon"


async def test_news_ends_where_the_answer_says(ws: Workspace, browser: aiohttp.ClientSession) -> None:
    start = ws.counter
    for words in ("one", "two", "three"):
        await ws.say("ml-oncall", words, by="ada")
    async with browser.get(f"/control/changes?after={start}&limit=2") as answer:
        told = await answer.json()
    assert [change["message"]["text"] for change in told["changes"]] == ["one", "two"]
    assert (told["reached"], told["counter"]) == (start + 2, start + 3)
    async with browser.get(f"/control/changes?after={start + 99}") as answer:
        told = await answer.json()
    assert (told["changes"], told["reached"]) == ([], start + 3), "the asker sees that the journal is another one"


async def test_whoever_waits_for_news_is_let_go_when_the_workspace_closes(ws: Workspace) -> None:
    headers = {HEADER: ws.control_token}
    async with aiohttp.ClientSession(headers=headers) as session:
        waiting = asyncio.ensure_future(session.get(f"{ws.origin}/control/changes?after={ws.counter}&wait=60"))
        await ws.until(lambda: ws.state._waiting)
        await ws.stop()
        with pytest.raises(aiohttp.ClientError):
            await waiting
