"""Blocks in a real browser: every kind is drawn, what is not known is a red box, and strangers' words stay words."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.slack import richtext, validate
from tests.browser import every_block as every
from tests.browser.sheet import Sheet, blank

Json = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def sheet(page: Page) -> AsyncIterator[Sheet]:
    """A blank sheet."""
    async with blank(page) as one:
        yield one


def kinds(thing: object) -> Iterator[str]:
    """Every `type` in a payload."""
    if isinstance(thing, list):
        for one in thing:
            yield from kinds(one)
    elif isinstance(thing, dict):
        if isinstance(thing.get("type"), str):
            yield thing["type"]
        for one in thing.values():
            yield from kinds(one)


# --- every kind ---


def test_the_page_is_full() -> None:
    """What the validator accepts is on the page: every kind on every surface it may stand on."""
    shown: dict[str, set[str]] = {"message": set(), "modal": set(), "home": set()}
    for surface, payload in every.surfaces():
        assert validate.validate(payload, surface) == []  # type: ignore[arg-type]
        shown[surface] |= set(kinds(payload))
    alone = dict.fromkeys(("feedback_buttons", "icon_button"), validate.SURFACES["context_actions"])  # in there only
    for kind in {*validate.BLOCKS, *validate.ELEMENTS}:
        for surface in alone.get(kind) or validate.SURFACES.get(kind, validate.EVERYWHERE):
            assert kind in shown[surface], f"{kind} is missing among what stands in a {surface}"
    assert {*richtext.INLINE, *richtext.PARTS, *richtext.CELLS} <= shown["message"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_kind_is_drawn(sheet: Sheet, shoot: Callable[[Page, str], Awaitable[None]], scheme: Any) -> None:
    await sheet.page.emulate_media(color_scheme=scheme)
    for number, (surface, payload) in enumerate(every.surfaces()):
        await sheet.draw(surface, payload)
        assert await sheet.told("unknown()") == []
        hung = [block for one in payload.get("attachments", []) for block in one["blocks"]]
        await expect(sheet.page.locator(".b-block")).to_have_count(len(payload.get("blocks", [])) + len(hung))
        size = await sheet.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert size[0] <= size[1], f"{surface} {number} is wider than the window"
        await sheet.page.set_viewport_size({"width": 800, "height": 1500})
        await shoot(sheet.page, f"blocks-{scheme}-{surface}-{number}")


async def test_on_a_phone_nothing_hangs_out(sheet: Sheet) -> None:
    await sheet.page.set_viewport_size({"width": 360, "height": 640})
    for surface, payload in every.surfaces():
        await sheet.draw(surface, payload)
        assert await sheet.page.evaluate("() => document.documentElement.scrollWidth") <= 360, surface


async def test_what_is_not_known_is_a_red_box(sheet: Sheet) -> None:
    strange: Json = {"type": "hologram"}
    rows = [[{"type": "raw_text", "text": "a"}, strange]]
    span = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [strange]}, strange]}
    boxed: list[tuple[Any, list[str]]] = [
        (strange, ["Unknown block: hologram"]),
        ({"text": "no type"}, ["Unknown block: without a type"]),
        (None, ["Unknown block: without a type"]),
        ({"type": "constructor"}, ["Unknown block: constructor"]),
        ({"type": "section"}, ["Unknown block: section (neither text nor fields)"]),
        ({"type": "section", "text": 5}, ["Unknown block: section (no text)"]),
        ({"type": "header"}, ["Unknown block: header (no text)"]),
        ({"type": "image", "image_url": every.PNG}, ["Unknown block: image (no alt_text)"]),
        ({"type": "image", "alt_text": "drift"}, ["Unknown block: image (neither image_url nor slack_file)"]),
        ({"type": "actions", "elements": "none"}, ["Unknown block: actions (no elements)"]),
        ({"type": "actions", "elements": [strange, every.button("Go")]}, ["Unknown element: hologram"]),
        ({"type": "actions", "elements": [{"type": "button"}]}, ["Unknown element: button (no text)"]),
        ({"type": "context", "elements": [strange]}, ["Unknown element: hologram"]),
        ({"type": "section", "text": every.plain("x"), "accessory": strange}, ["Unknown element: hologram"]),
        ({"type": "input", "label": every.plain("x"), "element": strange}, ["Unknown element: hologram"]),
        ({"type": "context_actions", "elements": [strange]}, ["Unknown element: hologram"]),
        ({"type": "table", "rows": rows}, ["Unknown cell: hologram"]),
        ({"type": "table"}, ["Unknown block: table (no rows)"]),
        (span, ["Unknown rich text: hologram", "Unknown rich text part: hologram"]),
    ]
    for block, said in boxed:
        await sheet.blocks(block, {"type": "divider"}, surface="message" if block else "modal")
        assert await sheet.told("unknown()") == said
        await expect(sheet.page.locator("hr.b-divider")).to_have_count(1)  # the others are drawn
        await expect(sheet.page.get_by_role("alert").first).to_be_visible()


# --- words ---

HOSTILE = (
    "<img src=x onerror='window.hit = 1'><script>window.hit = 1</script> <b>bold</b> &lt;i&gt; "
    "<javascript:alert(1)|click> [click](javascript:alert(1)) ![x](data:text/html,1) <data:text/html,x>"
)


def hostile(thing: Any, key: str = "") -> Any:
    """The same payload with strangers' words wherever the shape leaves them to the app."""
    if isinstance(thing, list):
        return [hostile(one) for one in thing]
    if isinstance(thing, dict):
        return {name: hostile(one, name) for name, one in thing.items()}
    if key in ("text", "alt_text", "caption", "accessibility_label", "fallback", "name", "initial_value", "language"):
        return HOSTILE
    if key in ("url", "image_url"):
        return "javascript:window.hit=1"
    return HOSTILE if key in ("value", "user_id", "channel_id", "usergroup_id", "block_id", "action_id") else thing


async def test_hostile_words_stay_words(sheet: Sheet) -> None:
    for surface, payload in every.surfaces():
        await sheet.draw(surface, hostile(payload))
        made = (
            "() => document.querySelectorAll('main :is(script, iframe, object, embed, form, style, [onerror])').length"
        )
        assert await sheet.page.evaluate(made) == 0
        assert await sheet.page.locator("main img").count() == 0
        hrefs = await sheet.page.eval_on_selector_all("main a[href]", "all => all.map((one) => one.protocol)")
        assert set(hrefs) <= {"https:", "mailto:"}
        await expect(sheet.page.locator("main")).to_contain_text("<script>window.hit = 1</script>")
    assert await sheet.page.evaluate("() => window.hit") is None


async def test_no_text_keeps_the_page_busy(sheet: Sheet) -> None:
    """Such texts make careless patterns and recursions run away; here they end before the test's patience does."""
    for piece in ("*a* ", "*a _b ", "_*~", "`", "[", "> ", "- ", "<a", ":x", "http://a.", "(*_[`"):
        await sheet.draw("message", {"text": piece * (40_000 // len(piece))})
        await expect(sheet.page.locator(".b-text").first).not_to_be_empty()
        await sheet.blocks({"type": "markdown", "text": (piece * 12_000)[:12_000]})
        await expect(sheet.page.locator(".b-markdown > *").first).to_be_attached()
        assert await sheet.told("unknown()") == []


WRITTEN = {
    "*a* b*c*d * e *": "<b>a</b> b*c*d * e *",
    "_a_ snake_case_word _b c_": "<i>a</i> snake_case_word <i>b c</i>",
    "~gone~ *_both_* `*raw* _x_`": "<s>gone</s> <b><i>both</i></b> <code>*raw* _x_</code>",
    "*over <@U01BO> it*": "<b>over @bo it</b>",
    "*not\nover lines*": "*not\nover lines*",
    "*alone\n*closed*": "*alone\n<b>closed</b>",
    "3 &lt; 4 &amp;&amp; 5 &gt; 4 &amp;lt;": "3 < 4 && 5 > 4 &lt;",
    "<https://a.example/x?b=1&amp;c=2|see> now": "<a https://a.example/x?b=1&c=2>see</a> now",
    "https://a.example/x_y_z, and (http://b.example/).": (
        "<a https://a.example/x_y_z>https://a.example/x_y_z</a>, and (<a http://b.example/>http://b.example/</a>)."
    ),
    "<mailto:ml@example.com|ml@example.com>": "<a mailto:ml@example.com>ml@example.com</a>",
    "<@U0NOBODY> <@U0NOBODY|zoe> <#C09X|gone> <#C02RETAIL>": "@U0NOBODY @zoe #gone <a #/C02RETAIL>#ml-retail</a>",
    "<!channel> <!subteam^S01GROUP|@x> <!hologram>": "@channel @oncall-ml <!hologram>",
    "<javascript:alert(1)|x> <b>x</b>": "<javascript:alert(1)|x> <b>x</b>",
    "&gt; one\n> two\nthree": "<blockquote>one\ntwo</blockquote>three",
    "a ```x *y* &lt;b&gt;\n z``` b": "a <pre><code>x *y* <b>\n z</code></pre> b",
    ":pushpin: :nope: 12:30:45": "📌 :nope: 12:30:45",
    "<!date^1795405080^{date_num} at {time_secs}|soon>": "2026-11-23 at 6:38:00 AM",
    "<!date^1795405080^{date_short_pretty} {time}^https://a.example/|x>": "<a https://a.example/>today 6:38 AM</a>",
    "<!date^1795405080^{date_long} {hologram}|x>": "Monday, November 23, 2026 {hologram}",
    "<!date^99999999999^{date}|far away>": "November 16, 5138",
}


async def test_what_is_made_of_mrkdwn(sheet: Sheet) -> None:
    script = """(text) => import("/page/mrkdwn.js").then(({ mrkdwn }) => document.querySelector("main").replaceChildren(
        mrkdwn(text, { ...sheet.ctx, now: () => 1795400000000 })))"""
    await sheet.blocks()
    for text, drawn in WRITTEN.items():
        await sheet.page.evaluate(script, text)
        assert await sheet.outline() == drawn


MARKED = {
    "# One\n\ntwo *it* __bo__ `a*b*`": "<h3>One</h3><p>two <i>it</i> <b>bo</b> <code>a*b*</code></p>",
    "- a\n- b\n  - c\n\n3. x\n4. y": ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><ol><li>x</li><li>y</li></ol>"),
    "`` a`b `` ```x `y`": "<p><code>a`b</code> ```x <code>y</code></p>",
    "a\\*b snake_case_x 2 * 3 * 4": "<p>a*b snake_case_x 2 * 3 * 4</p>",
    "[x](https://a.example/(y)) ![p](https://a.example/p.png)": (
        "<p><a https://a.example/(y)>x</a> <a https://a.example/p.png>p</a></p>"
    ),
    "[x](javascript:alert(1)) <b>no</b>": "<p>x <b>no</b></p>",
    "> a\n> > b\n\n***": "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><hr></hr>",
    "~~~\n# raw <i>\n~~~\nafter": "<pre><code># raw <i></code></pre><p>after</p>",
    "a | b\n--|--:\n1 \\| 2 | 3": (
        "<div><table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1 | 2</td><td>3</td></tr></tbody></table></div>"
    ),
    ">" * 40 + "deep": "<blockquote>" * 8 + f"<p>{'>' * 32}deep</p>" + "</blockquote>" * 8,
}


async def test_what_is_made_of_markdown(sheet: Sheet) -> None:
    for text, drawn in MARKED.items():
        await sheet.blocks({"type": "markdown", "text": text}, surface="message")
        assert await sheet.outline(".b-markdown") == drawn


async def test_long_words_unfold(sheet: Sheet) -> None:
    await sheet.blocks({"type": "section", "text": every.plain("line\n" * 60 + "the end")})
    more = sheet.page.get_by_role("button", name="Show more")
    await expect(more).to_have_attribute("aria-expanded", "false")
    await more.click()
    await expect(sheet.page.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")
    await sheet.blocks({"type": "section", "text": every.plain("line\n" * 60), "expand": True})
    await expect(more).to_have_count(0)


async def test_pages_of_a_table(sheet: Sheet) -> None:
    await sheet.draw("message", every.messages()[2])
    rows = sheet.page.get_by_role("rowheader")
    await expect(rows).to_have_text(["f0", "f1", "f2"])
    await sheet.page.get_by_role("button", name="Next page").click()
    await sheet.page.get_by_role("button", name="Next page").click()
    await expect(rows).to_have_text(["f6"])
    await expect(sheet.page.get_by_text("7–7 of 7")).to_be_visible()
    await expect(sheet.page.get_by_role("button", name="Next page")).to_be_disabled()


async def test_files_of_a_message(sheet: Sheet) -> None:
    files = [
        {"id": "F1", "name": "drift.png", "title": "Drift", "mimetype": "image/png", "alt_txt": "PSI rose to 4.1"},
        {"id": "F2", "name": "rows.csv", "title": "rows.csv", "mimetype": "text/csv", "filetype": "csv", "size": 2048},
    ]
    await sheet.draw("message", {"text": "two files", "files": files})
    await expect(sheet.page.get_by_alt_text("PSI rose to 4.1")).to_have_attribute(
        "src", "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    )
    async with sheet.page.expect_download() as saving:
        await sheet.page.get_by_role("button", name="rows.csv").click()
    assert (await saving.value).suggested_filename == "rows.csv"
