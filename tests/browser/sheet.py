"""A blank page with nothing but drawn blocks on it, served as the workspace serves its own page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from playwright.async_api import Locator, Page, Route
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import Channel, Person, Workspace, screen
from bot.testing.clock import FakeClock
from tests.browser import every_block
from tests.workspace.conftest import START, Heard, hearing

Json = dict[str, Any]
BLANK = (
    '<!doctype html><html lang="en"><title>blocks</title><link rel="stylesheet" href="/page/blocks.css"><main></main>'
)

#: window.sheet: draws, and notes what is pressed, filled and asked for; `key` opens the control API.
SCRIPT = """async ({ names, key }) => {
    const blocks = await import("/page/blocks.js");
    const forms = await import("/page/forms.js");
    const control = async (act, args) => {
        const answer = await fetch(`/control/${act}`, {
            method: "POST", headers: { "X-Control-Token": key }, body: JSON.stringify({ by: "ada", ...args }),
        });
        return answer.ok ? answer.json() : Promise.reject(new Error((await answer.json()).error));
    };
    const id = (block, element) => `${block.block_id}/${element.action_id}`;
    const main = document.querySelector("main");
    window.sheet = {
        pressed: [], changed: [], asked: [], offered: [], forms, control,
        draw(surface, thing, more = {}) {
            const ctx = this.ctx = {
                names, zone: "Europe/Istanbul", lang: "en-US", me: "U01ADA", fields: new Map(), errors: {},
                press: async (block, element, value) => {
                    this.pressed.push([id(block, element), value ?? null]);
                    if (more.live) await control("press", { ...more.live, button: id(block, element), value });
                },
                changed: (block, element, value) => this.changed.push([id(block, element), value]),
                suggest: async (block, element, typed) => (this.asked.push(typed), this.offered),
                file: async () => "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
                ...more,
            };
            const { drawBlocks, drawMessageBody } = blocks;
            main.replaceChildren(surface === "message" ? drawMessageBody(thing, ctx) : drawBlocks(thing.blocks, ctx));
        },
        unknown: () => [...main.querySelectorAll(".unknown")].map((box) => box.textContent),
        values() { return forms.values(this.ctx.fields); },
    };
}"""
#: A tree as short HTML without attributes, so that a test can say what was made of a text.
OUTLINE = """(node) => {
    const tell = (one) => one.nodeType === 3 ? one.data
        : one.tagName === "A" ? `<a ${one.getAttribute("href")}>${[...one.childNodes].map(tell).join("")}</a>`
        : /^(SPAN|TIME)$/.test(one.tagName) ? [...one.childNodes].map(tell).join("")
        : `<${one.tagName.toLowerCase()}>${[...one.childNodes].map(tell).join("")}</${one.tagName.toLowerCase()}>`;
    return [...node.childNodes].map(tell).join("");
}"""


@dataclass
class Sheet:
    """The page, the workspace it came from, and what its bot heard."""

    page: Page
    ws: Workspace
    slack: AsyncWebClient
    heard: Heard

    async def draw(self, surface: str, thing: Json, **more: Any) -> None:
        """Draws a message or a view, alone on the page; `more` stands over the usual context."""
        await self.page.evaluate("([surface, thing, more]) => sheet.draw(surface, thing, more)", [surface, thing, more])

    async def blocks(self, *blocks: Json, surface: str = "modal", **more: Any) -> None:
        """Draws these blocks."""
        await self.draw(surface, {"blocks": list(blocks)}, **more)

    async def told(self, what: str) -> Any:
        """What the drawing told the page: pressed, changed, asked; or the answer of `unknown()`, `values()`."""
        return await self.page.evaluate(f"() => sheet.{what}")

    async def outline(self, within: str = "main") -> str:
        """What is drawn, as short HTML."""
        found: str = await self.page.locator(within).first.evaluate(OUTLINE)
        return found

    def at(self, name: str) -> Locator:
        """The control of the field whose action_id this is."""
        return self.page.locator(f"[data-action='{name}'] :is(input, select, textarea)").first

    async def opened(self, view: Json) -> Json:
        """The bot shows a modal on ada's screen; what the page reads of it."""
        reply = await self.ws.shortcut("open", by="ada")
        assert reply.acked, reply
        await self.slack.views_open(trigger_id=self.heard[-1]["trigger_id"], view=view)
        shown = self.ws.view("ada")
        assert shown is not None
        return {"blocks": shown.blocks}


@asynccontextmanager
async def blank(page: Page) -> AsyncIterator[Sheet]:
    """A blank sheet on `page`, over a workspace with ada and bo and a bot that acknowledges everything."""
    people = [Person("ada", id=every_block.ADA), Person("bo", id=every_block.BO)]
    channels = [Channel("ml-oncall", id=every_block.ONCALL), Channel("ml-retail", id=every_block.RETAIL)]

    async def serve(route: Route) -> None:
        headers = {**screen.HEADERS, "Content-Type": "text/html; charset=utf-8"}
        await route.fulfill(body=BLANK, headers=headers)

    async with (
        Workspace(clock=FakeClock(START), people=people, channels=channels) as ws,
        hearing(ws) as heard,
        aiohttp.ClientSession() as session,
    ):
        slack = AsyncWebClient(ws.bot_token, base_url=ws.url, session=session, retry_handlers=[])
        await page.route(f"{ws.origin}/sheet", serve)
        await page.goto(f"{ws.origin}/sheet")
        await page.evaluate(SCRIPT, {"names": every_block.NAMES, "key": ws.control_token})
        yield Sheet(page, ws, slack, heard)
