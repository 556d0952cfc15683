"""Inputs in a real browser: what people press, pick and type arrives at the bot as Slack would send it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect

from bot.sandbox.workspace import surfaces
from tests.browser import every_block as every
from tests.browser.sheet import Sheet, blank

Json = dict[str, Any]
HOUR = 3600


@pytest_asyncio.fixture(loop_scope="session")
async def sheet(page: Page) -> AsyncIterator[Sheet]:
    """A blank sheet."""
    async with blank(page) as one:
        yield one


async def said(sheet: Sheet) -> Any:
    """What stands in the one field."""
    return (await sheet.told("values()"))["it"]


# --- values ---


async def test_what_stands_there_is_what_the_workspace_holds(sheet: Sheet) -> None:
    """An untouched form says what the workspace believes of it, field by field."""
    for view in (every.view("modal", every.asked("modal")), every.view("modal", every.asked("message"))):
        await sheet.draw("modal", await sheet.opened(view))
        shown = sheet.ws.view("ada")
        assert shown is not None
        assert surfaces.sheet(sheet.ws.state, shown).values(await sheet.told("values()")) == shown.state


async def fill(sheet: Sheet) -> None:
    """By hand, as somebody does who fills in a form."""

    def at(kind: str) -> Any:
        return sheet.at(f"in.{kind}")

    async def choose(kind: str, typed: str, name: str) -> None:
        await at(kind).click()
        await at(kind).fill(typed)
        await sheet.page.locator(".b-options:popover-open").get_by_role("option", name=name).click()

    await at("plain_text_input").fill("PSI <b>rose</b> & stayed")
    await at("email_text_input").fill("ml@example.com")
    await at("url_text_input").fill("https://example.com/other")
    await at("number_input").fill("1.25")
    await at("rich_text_input").fill("It *drifted*.\n- one\n- two")
    csv = {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"a,b"}
    await at("file_input").set_input_files(csv)
    await at("static_select").select_option(label="KS")
    await choose("external_select", "lo", "Logit")
    await at("users_select").select_option(label="ada")
    await at("channels_select").select_option(label="#ml-retail")
    await at("conversations_select").select_option(label="#ml-oncall")
    await choose("multi_static_select", "pri", "price")
    await choose("multi_external_select", "", "GBM")
    await sheet.page.get_by_role("button", name="Remove ada").click()
    await choose("multi_channels_select", "onc", "#ml-oncall")
    await choose("multi_conversations_select", "retail", "#ml-retail")
    await at("datepicker").fill("2026-12-01")
    await at("timepicker").fill("23:05")
    await at("datetimepicker").fill("2026-12-01T09:30")
    await sheet.page.locator("[data-action='in.checkboxes']").get_by_text("Retrain").check()
    await sheet.page.locator("[data-action='in.radio_buttons']").get_by_text("Tell the owner").check()


async def test_every_input_is_filled_and_sent(sheet: Sheet) -> None:
    offered = [every.option("GBM"), every.option("Logit")]
    await sheet.draw("modal", await sheet.opened(every.view("modal", every.asked("modal"))))
    await sheet.page.evaluate("(offered) => { sheet.offered = offered }", offered)

    await fill(sheet)

    assert await sheet.page.evaluate("() => sheet.forms.problems(sheet.ctx.fields)") == {}
    reply = await sheet.page.evaluate("() => sheet.control('submit', { values: sheet.values() })")
    assert reply["acked"], reply
    values = sheet.heard[-1]["view"]["state"]["values"]
    heard = {
        block[3:]: next(v for k, v in next(iter(one.values())).items() if k != "type") for block, one in values.items()
    }
    assert heard.pop("rich_text_input")["elements"] == [
        every.said(every.text("It "), every.text("drifted", "bold"), every.text(".")),
        every.bullets("bullet", "one", "two"),
    ]
    assert heard == {
        "plain_text_input": "PSI <b>rose</b> & stayed",
        "email_text_input": "ml@example.com",
        "url_text_input": "https://example.com/other",
        "number_input": "1.25",
        "file_input": [{"name": "rows.csv", "title": "rows.csv", "mimetype": "text/csv", "filetype": "csv", "size": 3}],
        "static_select": every.FEATURES[1],
        "external_select": offered[1],
        "users_select": every.ADA,
        "channels_select": every.RETAIL,
        "conversations_select": every.ONCALL,
        "multi_static_select": [every.option("churn"), every.option("price")],
        "multi_external_select": [offered[0]],
        "multi_users_select": [every.BO],
        "multi_channels_select": [every.RETAIL, every.ONCALL],
        "multi_conversations_select": [every.RETAIL],
        "datepicker": "2026-12-01",
        "timepicker": "23:05",
        "datetimepicker": 1796106600,  # 06:30 UTC is 09:30 in Istanbul
        "checkboxes": every.TICKS,
        "radio_buttons": every.TICKS[1],
    }


async def test_what_is_picked_in_a_message_reaches_the_bot(sheet: Sheet) -> None:
    blocks = [
        *every.picked("message")[:15],
        *every.everywhere()[2:4],
        {"type": "context_actions", "elements": [every.FEEDBACK, every.ICON]},
    ]
    await sheet.slack.chat_postMessage(channel=every.ONCALL, text="picks", blocks=blocks)
    [card] = sheet.ws.messages("#ml-oncall")
    await sheet.draw("message", {"blocks": card.blocks}, live={"channel": card.channel, "ts": card.ts})
    page = sheet.page
    before = len(sheet.heard)

    await sheet.at("row.static_select").select_option(label="KS")
    await sheet.at("row.users_select").select_option(label="ada")
    await sheet.at("row.multi_users_select").press("Backspace")
    await sheet.at("row.datepicker").fill("2026-12-01")
    await sheet.at("row.timepicker").fill("23:05")
    await page.locator("[data-action='row.checkboxes']").get_by_text("Tell the owner").uncheck()
    await page.locator("[data-action='row.radio_buttons']").get_by_text("Tell the owner").check()
    await sheet.at("row.datetimepicker").fill("2026-12-01T09:30")
    await page.locator("[data-action='more']").click()
    await page.get_by_role("menuitem", name="Merge").click()
    await page.get_by_role("button", name="This did not help").click()
    await expect(page.get_by_role("button", name="This did not help")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Remove", exact=True).click()

    await sheet.ws.until(lambda: len(sheet.heard) == before + 11)
    actions = [body["actions"][0] for body in sheet.heard[before:]]
    chosen = {
        one["action_id"]: next((v for k, v in one.items() if k.startswith("selected") or k == "value"), None)
        for one in actions
    }
    assert chosen == {
        "row.static_select": every.FEATURES[1],
        "row.users_select": every.ADA,
        "row.multi_users_select": [every.ADA],
        "row.datepicker": "2026-12-01",
        "row.timepicker": "23:05",
        "row.checkboxes": [],
        "row.radio_buttons": every.TICKS[1],
        "row.datetimepicker": 1796106600,
        "more": every.OVERFLOW["options"][1],
        "helped": "no",
        "remove": "it",
    }


async def test_moments_are_those_of_the_readers_zone(sheet: Sheet) -> None:
    autumn, spring = 1793494800, 1774746000  # 2026-11-01 01:00 UTC; 2026-03-29 01:00 UTC, both in Berlin's zone below
    cases = [
        ("Europe/Istanbul", every.AT, "2026-11-23T06:38"),
        ("America/Chicago", every.AT, "2026-11-22T21:38"),
        ("Asia/Kathmandu", every.AT, "2026-11-23T09:23"),
        ("Europe/Berlin", spring, "2026-03-29T03:00"),
        ("Europe/Berlin", spring - HOUR, "2026-03-29T01:00"),
        ("America/Chicago", autumn + 4 * HOUR, "2026-11-01T00:00"),
        ("UTC", 1000000000, "2001-09-09T01:46"),
    ]
    for zone, instant, wall in cases:
        await sheet.blocks(every.ask("datetimepicker", initial_date_time=instant), zone=zone)
        await expect(sheet.at("said")).to_have_value(wall)
        assert await said(sheet) == instant // 60 * 60
    await sheet.blocks(every.ask("datetimepicker"), zone="Europe/Berlin")
    await sheet.at("said").fill("2026-03-29T02:30")  # skipped: the clock goes from 02:00 to 03:00
    assert await said(sheet) == spring + HOUR // 2


async def test_rich_text_that_nobody_touched_goes_back_as_it_came(sheet: Sheet) -> None:
    await sheet.blocks(every.ask("rich_text_input", initial_value=every.RICH))
    assert await said(sheet) == every.RICH
    field = sheet.at("said")
    await field.fill("")
    assert await said(sheet) is None
    await sheet.page.get_by_role("button", name="Bold").click()
    await sheet.page.keyboard.type("loud")
    await field.press("End")
    await field.press_sequentially("\n> it was\n2. second\n```\nselect 1\n```\nsee https://example.com.")
    assert (await said(sheet))["elements"] == [
        every.said(every.text("loud", "bold")),
        {"type": "rich_text_quote", "elements": [every.text("it was")]},
        every.bullets("ordered", "second", offset=1),
        {"type": "rich_text_preformatted", "elements": [every.text("select 1")]},
        every.said(every.text("see "), {"type": "link", "url": "https://example.com"}, every.text(".")),
    ]


# --- asking first ---


async def test_what_is_asked_before_a_press(sheet: Sheet) -> None:
    page = sheet.page
    await sheet.blocks(every.everywhere()[6])
    button = page.get_by_role("button", name="Escalate")
    for leave in ("Escape", "Not yet"):
        await button.click()
        dialog = page.get_by_role("dialog", name="Roll churn back?")
        await expect(dialog).to_contain_text("Version 6 will serve instead of 7.")
        await (page.keyboard.press("Escape") if leave == "Escape" else dialog.get_by_role("button", name=leave).click())
        await expect(dialog).to_have_count(0)
        await expect(button).to_be_focused()
    assert await sheet.told("pressed") == []
    await button.press("Enter")
    await expect(page.get_by_role("button", name="Roll back")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.wait_for_function("() => sheet.pressed.length")
    assert await sheet.told("pressed") == [["buttons/escalate", None]]


async def test_a_pick_that_was_denied_is_as_it_was(sheet: Sheet) -> None:
    await sheet.blocks(
        every.pick("static_select", options=every.FEATURES, initial_option=every.FEATURES[0], confirm=every.CONFIRM)
    )
    await sheet.at("said").select_option(label="KS")
    await sheet.page.get_by_role("button", name="Not yet").click()
    await expect(sheet.at("said").locator("option:checked")).to_have_text("PSI")
    assert await sheet.told("pressed") == []
