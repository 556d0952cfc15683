"""Everything that any test lets the bot show is drawn by the page, and nothing of it becomes a red box.

The golden drawings are always here. What the other tests showed is in the folder that TOCSIN_SHOWN names, after a run
of them with the same name set (see tests/shown.py); .ci/run does both.
"""

import os
from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import Page

from bot.sandbox.workspace import Workspace
from tests import shown

Json = dict[str, Any]
GOLDEN = Path(__file__).parents[1] / "unit" / "golden"

DRAW = """async (things) => {
    const { drawBlocks, drawMessageBody } = await import("/page/blocks.js");
    const idle = async () => {};
    const base = {
        names: { U01ADA: "ada", U01BO: "bo", C01RETAIL: "ml-retail" },
        zone: "Europe/Istanbul", lang: "en", me: "U01ADA",
        press: idle, changed: idle, suggest: async () => [], file: async () => "data:,",
    };
    const sheet = document.createElement("main");
    document.body.replaceChildren(sheet);
    return things.map((thing) => {
        const ctx = { ...base, fields: new Map(), errors: thing.errors ?? {} };
        const drawn = thing.surface === "message" ? drawMessageBody(thing, ctx) : drawBlocks(thing.blocks, ctx);
        const frame = document.createElement("article");
        frame.append(drawn);
        sheet.append(frame);
        const missing = Object.values(ctx.errors).filter((words) => !frame.textContent.includes(words));
        return [
            ...[...frame.querySelectorAll(".unknown")].map((box) => box.textContent),
            ...missing.map((words) => `not shown: ${words}`),
            ...(frame.childElementCount ? [] : ["nothing was drawn"]),
        ];
    });
}"""


def golden() -> list[Json]:
    """The drawings that the unit tests compare with, as things to draw."""
    files = sorted(GOLDEN.glob("*.json"))
    views = [orjson.loads(file.read_bytes()) for file in files]
    return [{"surface": view.get("type", "message"), **view} for view in views]


def recorded() -> list[Json]:
    """What a run of the tests left behind; nothing where there was none."""
    folder = os.environ.get("TOCSIN_SHOWN")
    return shown.read(Path(folder)) if folder else []


async def drawn(page: Page, things: list[Json]) -> list[str]:
    """What is wrong with the drawings, each with what it was drawn from; empty when all are well."""
    async with Workspace() as ws:
        await page.goto(f"{ws.origin}/")
        faults: list[list[str]] = await page.evaluate(DRAW, things)
    return [
        f"{fault}: {orjson.dumps(thing).decode()[:600]}"
        for thing, several in zip(things, faults, strict=True)
        for fault in several
    ]


async def test_every_golden_drawing_is_drawn(page: Page) -> None:
    things = golden()
    assert {one["surface"] for one in things} == {"message", "modal", "home"}
    assert await drawn(page, things) == []


async def test_everything_the_tests_showed_is_drawn(page: Page) -> None:
    assert await drawn(page, recorded()) == []


async def test_what_cannot_be_drawn_is_a_red_box(page: Page) -> None:
    strange = {"surface": "message", "blocks": [{"type": "hologram"}, {"type": "divider"}]}
    refused = {"surface": "modal", "blocks": [{"type": "divider"}], "errors": {"why": "Say why."}}
    faults = await drawn(page, [strange, {"surface": "home", "blocks": []}, refused])
    assert [fault.split(": {")[0] for fault in faults] == [
        "Unknown block: hologram",
        "nothing was drawn",
        "not shown: Say why.",
    ]


def test_what_is_built_alike_is_kept_twice_at_most(tmp_path: Path) -> None:
    memory = shown.Memory()
    for text in ("b", "a longer one", "c"):
        memory.keep("message", {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]})
    memory.keep("modal", {"blocks": [{"type": "divider"}], "errors": {}})
    (tmp_path / "gw0-1.json").write_bytes(orjson.dumps(memory.everything()))
    (tmp_path / "gw1-2.json").write_bytes(orjson.dumps(memory.everything()))
    found = shown.read(tmp_path)
    assert [one["surface"] for one in found] == ["message", "modal", "message"]
    assert [one["blocks"][0].get("text", {}).get("text") for one in found] == ["b", None, "a longer one"]
