"""The page of the workspace, used as a person uses it, over the real bot."""

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Shoot
from tests.browser.house import Browsed
from tests.browser.reader import Reader


async def test_it_shows_the_incident_its_thread_the_page_and_the_home(house: Browsed, page: Page, shoot: Shoot) -> None:
    await house.alert("accuracy fell")
    ada = Reader(page)
    await ada.open(house.address)
    await expect(page.get_by_text("A sandbox on this machine, not Slack.")).to_be_visible()
    card = ada.message("accuracy fell")
    await expect(card).to_contain_text("SEV2")
    await ada.open_thread(card)
    await expect(ada.reply("Evidence for INC-1")).to_contain_text("accuracy fell")
    await expect(ada.reply("What changed last?")).to_be_visible()
    await shoot(page, "thread")

    await ada.go("tocsin")
    await expect(ada.message("accuracy fell")).to_be_visible()
    await ada.go("App Home")
    await expect(page.get_by_role("main")).to_contain_text("INC-1")
    await shoot(page, "home")
    await page.get_by_role("main").get_by_role("button", name="Help").click()  # is answered elsewhere
    await expect(page.get_by_text("Tocsin has written to you")).to_be_visible()


async def test_a_button_on_the_card_is_pressed_and_the_card_changes_by_itself(house: Browsed, page: Page) -> None:
    await house.alert("accuracy fell")
    bo = Reader(page)
    await bo.open(house.address, be="bo")
    await bo.press(bo.message("accuracy fell"), "Acknowledge")
    await expect(bo.message("accuracy fell")).to_contain_text("ACKNOWLEDGED")
    await expect(bo.message("accuracy fell")).to_contain_text("@bo")


async def test_what_happens_elsewhere_is_seen_without_a_reload(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    card = await house.alert("accuracy fell")
    await expect(ada.message("accuracy fell")).to_be_visible()
    await house.ws.press(card, "Acknowledge", by="bo")
    await expect(ada.message("accuracy fell")).to_contain_text("ACKNOWLEDGED")


async def test_each_person_reads_for_themselves(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address, go="ml-retail")
    await house.alert("accuracy fell")
    await expect(ada.place("ml-oncall")).to_have_accessible_name(re.compile("^ml-oncall ?, 1 unread"))
    await ada.go("ml-oncall")
    await expect(ada.message("accuracy fell")).to_be_visible()
    await ada.go("ml-retail")
    await expect(ada.place("ml-oncall")).to_have_accessible_name("ml-oncall")
    await ada.be("bo")
    await expect(ada.place("ml-oncall")).to_have_accessible_name(re.compile("^ml-oncall ?, 1 unread"))


async def test_a_command_completes_and_its_answer_is_for_its_person_alone(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    await ada.composer.press_sequentially("/onc")
    offer = page.get_by_role("listbox", name="Completions").get_by_role("option", name="/oncall")
    await expect(offer).to_contain_text("Who is on call")
    await ada.composer.press("Tab")
    await expect(ada.composer).to_have_value("/oncall ")
    await ada.composer.press("Enter")
    answer = ada.message("first-line")
    await expect(answer).to_contain_text("Only visible to you")
    await ada.be("bo")
    await expect(ada.messages).to_have_count(0)
    await ada.be("ada")
    await expect(answer).to_be_visible()


async def test_what_may_follow_a_command_is_offered_and_taken_only_on_purpose(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    offers = page.get_by_role("listbox", name="Completions").get_by_role("option")
    await ada.composer.press_sequentially("/incid")
    await ada.composer.press("Tab")
    await expect(offers).to_have_text(["declare", "list", "showINC-7", "ackINC-7"])
    await ada.composer.press_sequentially("s")
    await ada.composer.press("Enter")
    await expect(ada.composer).to_have_value("/incident show ")
    await ada.composer.fill("/incident ")
    await expect(offers).to_have_count(4)
    await ada.composer.press("Enter")  # nobody pointed at one, so it is sent as it stands
    await expect(ada.message("What would you like to do?")).to_be_visible()


async def test_a_card_that_is_drawn_anew_costs_nobody_the_focus(house: Browsed, page: Page) -> None:
    card = await house.alert("accuracy fell")
    ada = Reader(page)
    await ada.open(house.address)
    shown = ada.message("accuracy fell")
    await ada.press(shown, "Escalate")
    await house.ws.press(card, "Acknowledge", by="bo")
    await expect(shown).to_contain_text("ACKNOWLEDGED")  # behind the question
    await page.keyboard.press("Escape")
    await expect(ada.button(shown, "Escalate")).to_be_focused()


async def test_a_button_under_a_finger_stays_until_it_is_pressed(house: Browsed, page: Page) -> None:
    card = await house.alert("accuracy fell")
    ada = Reader(page)
    await ada.open(house.address)
    shown = ada.message("accuracy fell")
    resting = await colour(ada.button(shown, "Acknowledge"))
    await ada.button(shown, "Acknowledge").hover()
    assert await colour(ada.button(shown, "Acknowledge")) == resting  # its words are drawn for this one
    await ada.button(shown, "Hand over").hover()
    await page.mouse.down()
    await house.ws.react(card, "eyes", by="bo")
    await house.ws.say("#ml-retail", "who takes it?", by="bo")  # who sees this has heard of the card
    await expect(ada.place("ml-retail")).to_have_accessible_name(re.compile("1 unread"))
    await expect(shown.get_by_role("button", name="eyes, 1")).to_have_count(0)  # it waits
    await page.mouse.up()
    await expect(ada.modal.get_by_role("heading", name="Hand over")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(shown.get_by_role("button", name="eyes, 1")).to_be_visible()


async def test_a_form_over_a_form_leads_back_by_its_name(house: Browsed, page: Page) -> None:
    await house.alert("accuracy fell")
    ada = Reader(page)
    await ada.open(house.address)
    await ada.press(ada.message("accuracy fell"), "More: INC-1")
    await ada.modal.get_by_role("button", name="Timeline").click()
    await expect(ada.modal.get_by_role("heading", name="Timeline")).to_be_visible()
    await ada.modal.get_by_role("button", name="Back to What to do").click()
    await expect(ada.modal.get_by_role("heading", name="What to do")).to_be_visible()


async def test_a_form_says_what_is_wrong_at_its_field_and_is_sent_when_it_is_right(
    house: Browsed, page: Page, shoot: Shoot
) -> None:
    card = await house.alert("accuracy fell")
    await house.ws.press(card, "Acknowledge", by="ada")
    await house.shows(card, "ACKNOWLEDGED")
    ada = Reader(page)
    await ada.open(house.address)
    await ada.press(ada.message("accuracy fell"), "Snooze")
    minutes = ada.modal.get_by_label("Or minutes of your own")
    await minutes.fill("soon")
    await ada.modal.get_by_role("button", name="Snooze").click()
    await expect(minutes).to_have_attribute("aria-invalid", "true")
    await expect(minutes).to_have_accessible_description(re.compile("Write whole minutes"))
    await expect(minutes).to_be_focused()
    await expect(minutes).to_have_value("soon")
    await shoot(page, "field-error")
    await minutes.fill("20")
    await ada.modal.get_by_role("button", name="Snooze").click()
    await expect(ada.modal).to_contain_text("INC-1 is yours and quiet until")
    await page.keyboard.press("Escape")
    await expect(ada.modal).to_have_count(0)
    await expect(ada.message("accuracy fell")).to_contain_text(re.compile("snoozed", re.IGNORECASE))


async def test_a_command_opens_a_form_and_escape_leaves_it(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    await ada.say("/incident declare")
    await expect(ada.modal.get_by_role("heading", name="Declare an incident")).to_be_visible()
    await ada.modal.get_by_role("button", name="Open and page").click()  # nothing is written yet
    what = ada.modal.get_by_label("What is wrong")
    await expect(what).to_have_attribute("aria-invalid", "true")
    await page.keyboard.press("Escape")
    await expect(ada.modal).to_have_count(0)
    await expect(ada.composer).to_be_focused()

    await ada.say("/incident declare")
    await what.fill("refunds loop")
    await ada.modal.get_by_role("button", name="Open and page").click()
    await expect(ada.message("refunds loop")).to_contain_text("INC-1")


async def test_a_shortcut_keeps_a_message_in_the_timeline(house: Browsed, page: Page) -> None:
    await house.alert("accuracy fell")
    bo = Reader(page)
    await bo.open(house.address, be="bo")
    await bo.say("the upstream table was rewritten at noon")
    await bo.more(bo.message("the upstream table"), "Add to timeline")
    await expect(bo.modal.get_by_role("textbox", name="Message")).to_have_value(re.compile("rewritten at noon"))
    await bo.modal.get_by_role("combobox", name="Incident").select_option("INC-1 · SEV2 · churn")
    await bo.modal.get_by_role("button", name="Add").click()
    await expect(bo.modal).to_contain_text("Noted in the timeline of INC-1")
    await page.keyboard.press("Escape")
    await expect(bo.modal).to_have_count(0)
    await bo.open_thread(bo.message("accuracy fell"))
    await expect(bo.thread).to_contain_text("rewritten at noon")


async def test_a_message_is_written_answered_and_given_an_emoji(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    await ada.say("is anybody looking at #ml-retail, @bo?")
    said = ada.message("is anybody looking")
    await expect(said).to_contain_text("@bo")
    await ada.open_thread(said)
    await ada.be("bo")
    await ada.thread.get_by_role("textbox", name="Reply in thread").fill("I am")
    await ada.thread.get_by_role("textbox", name="Reply in thread").press("Enter")
    await expect(ada.reply("I am")).to_be_visible()
    await expect(said.get_by_role("button", name=re.compile("1 reply"))).to_be_visible()
    await said.hover()
    await said.get_by_role("button", name="Add reaction").click()
    await page.get_by_role("menuitem", name="eyes").click()
    await expect(said.get_by_role("button", name="eyes, 1")).to_have_attribute("aria-pressed", "true")


async def colour(button: Locator) -> str:
    """What a button is painted with."""
    return str(await button.evaluate("node => getComputedStyle(node).backgroundColor"))
