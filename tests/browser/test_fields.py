"""Fields under a person's hands in a real browser: by keyboard, when they dispatch, when something is wrong."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import every_block as every
from tests.browser.sheet import Sheet, blank

Json = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def sheet(page: Page) -> AsyncIterator[Sheet]:
    """A blank sheet."""
    async with blank(page) as one:
        yield one


async def said(sheet: Sheet) -> Any:
    """What stands in the one field."""
    return (await sheet.told("values()"))["it"]


# --- keyboard ---


async def test_three_dots_by_keyboard(sheet: Sheet) -> None:
    page = sheet.page
    await sheet.blocks({"type": "actions", "block_id": "it", "elements": [every.OVERFLOW]})
    dots = page.get_by_role("button", name="More actions")
    await dots.press("Enter")
    await expect(page.get_by_role("menuitem", name="Snooze")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dots).to_be_focused()
    await expect(page.get_by_role("menu")).to_have_count(0)
    await dots.press("Enter")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    assert await sheet.told("pressed") == [["it/more", every.OVERFLOW["options"][1]]]


async def test_a_search_by_keyboard(sheet: Sheet) -> None:
    page = sheet.page
    await sheet.blocks(every.ask("external_select", min_query_length=2))
    await page.evaluate("(offered) => { sheet.offered = offered }", every.FEATURES)
    field = page.get_by_role("combobox", name="It")
    await field.press_sequentially("k")
    await expect(page.get_by_role("status")).to_have_text("Type 1 more to search.")
    await field.press_sequentially("s")
    await expect(page.get_by_role("option")).to_have_count(3)
    assert await sheet.told("asked") == ["ks"]
    await field.press("ArrowDown")
    await field.press("Enter")
    assert await said(sheet) == every.FEATURES[1]
    await expect(field).to_have_value("KS")
    await field.fill("")
    await field.press("Tab")
    assert await said(sheet) is None


async def test_escape_closes_the_list_and_not_what_is_behind_it(sheet: Sheet) -> None:
    page = sheet.page
    await sheet.blocks(
        every.ask("multi_static_select", options=every.FEATURES), {"type": "actions", "elements": [every.OVERFLOW]}
    )
    await page.evaluate("""() => {
        const dialog = document.createElement("dialog");
        dialog.append(...document.querySelector("main").childNodes);
        document.body.append(dialog);
        dialog.showModal();
    }""")
    field = page.get_by_role("combobox", name="It")
    await field.click()
    await expect(page.get_by_role("option")).to_have_count(3)
    await field.press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await page.get_by_role("button", name="More actions").click()
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_no_more_than_is_allowed_is_chosen(sheet: Sheet) -> None:
    page = sheet.page
    await sheet.blocks(every.ask("multi_static_select", options=every.FEATURES, max_selected_items=2))
    field = page.get_by_role("combobox", name="It")
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(page.get_by_role("option", name="PSI")).to_have_attribute("aria-selected", "true")
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("No more than 2 can be chosen.")
    assert await said(sheet) == every.FEATURES[:2]
    await field.press("Escape")
    await field.press("Backspace")
    assert await said(sheet) == every.FEATURES[:1]


async def test_the_app_hears_of_a_field_that_dispatches(sheet: Sheet) -> None:
    now = {"trigger_actions_on": ["on_character_entered"]}
    await sheet.blocks(
        every.ask("plain_text_input", dispatch_action=True),
        every.ask("plain_text_input", dispatch_action=True, dispatch_action_config=now) | {"block_id": "now"},
        every.ask("static_select", dispatch_action=True, options=every.FEATURES) | {"block_id": "pick"},
        every.ask("plain_text_input") | {"block_id": "mute"},
    )
    fields = [sheet.page.locator(f"[data-block={name}] :is(input, select)") for name in ("it", "now", "pick", "mute")]
    await fields[0].fill("INC-7")
    await fields[0].press("Enter")
    await fields[1].press_sequentially("abc")
    await sheet.page.wait_for_function("() => sheet.changed.length === 2")
    await fields[2].select_option(label="KS")
    await fields[3].fill("quiet")
    await fields[3].press("Enter")
    assert await sheet.told("changed") == [["it/said", "INC-7"], ["now/said", "abc"], ["pick/said", every.FEATURES[1]]]


# --- what is wrong ---


async def test_errors_stand_at_their_fields(sheet: Sheet) -> None:
    page = sheet.page
    await sheet.draw("modal", every.modals()[2], errors={"in.number_input": "Too much.", "in.checkboxes": "Tick one."})
    number = sheet.at("in.number_input")
    await expect(number).to_be_focused()
    await expect(number).to_have_accessible_description("Too much. A hint below the field.")
    await expect(page.locator("[aria-invalid=true]")).to_have_count(2)
    await number.fill("0.5")
    await page.evaluate("() => sheet.forms.showErrors(document.body, { 'in.checkboxes': 'Still none.' })")
    await expect(page.get_by_text("Too much.")).to_have_count(0)
    await expect(page.get_by_text("Still none.")).to_be_visible()
    await expect(page.get_by_role("checkbox").first).to_be_focused()
    await expect(number).to_have_value("0.5")


async def test_what_slack_would_not_send_is_said_before(sheet: Sheet) -> None:
    cases: list[tuple[Json, str, str]] = [
        (every.ask("plain_text_input"), "", "Please fill this in."),
        (every.ask("plain_text_input", optional=True), "", ""),
        (every.ask("plain_text_input", min_length=3), "ab", "Write at least 3 characters."),
        (every.ask("email_text_input"), "ml", "Enter an e-mail address, such as name@example.com."),
        (every.ask("url_text_input"), "ftp://x", "Enter an address that begins with http:// or https://."),
        (every.ask("number_input", is_decimal_allowed=False), "1.5", "Enter a whole number."),
        (every.ask("number_input", is_decimal_allowed=True, max_value="2"), "2.5", "Enter 2 or less."),
        (every.ask("number_input", is_decimal_allowed=True, min_value="0"), "-1", "Enter 0 or more."),
        (every.ask("number_input", is_decimal_allowed=True, min_value="0"), "0.5", ""),
    ]
    for block, typed, problem in cases:
        await sheet.blocks(block)
        await sheet.at("said").fill(typed)
        found = await sheet.page.evaluate("() => sheet.forms.problems(sheet.ctx.fields)")
        assert found == ({"it": problem} if problem else {}), block


async def test_what_was_typed_stays_when_the_view_changes(sheet: Sheet) -> None:
    text = every.ask("plain_text_input", initial_value="first")
    select = every.ask("static_select", options=every.FEATURES) | {"block_id": "pick"}
    again = """(thing) => sheet.draw("modal", thing, { typed: sheet.forms.typed(sheet.ctx.fields) })"""
    await sheet.blocks(text, select)
    await sheet.at("said").fill("typed")
    await sheet.page.locator("select").select_option(label="KS")
    await sheet.page.evaluate(again, {"blocks": [text, select]})
    assert await sheet.told("values()") == {"it": "typed", "pick": every.FEATURES[1]}
    other = every.ask("email_text_input", initial_value="a@b.example")
    narrower = select | {"element": select["element"] | {"options": every.FEATURES[2:]}}
    await sheet.page.evaluate(again, {"blocks": [other, narrower]})
    assert await sheet.told("values()") == {"it": "a@b.example", "pick": None}


async def test_where_the_focus_begins(sheet: Sheet) -> None:
    second = every.ask("plain_text_input", focus_on_load=True) | {"block_id": "second"}
    await sheet.blocks(every.ask("plain_text_input"), second)
    await expect(sheet.page.locator("[data-block=second] input")).to_be_focused()
