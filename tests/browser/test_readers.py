"""The page for every reader: by keyboard alone, on a phone, in the dark, in their zone, and whatever an alert says."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage, Shoot
from tests.browser.house import Browsed
from tests.browser.reader import Reader
from tests.browser.watch import Watch

PHONE = {"width": 390, "height": 844}
HOSTILE = (
    "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> "
    "*loud* <!channel> <https://evil.example|click me> :tada: `code` javascript:alert(1)"
)
#: How far apart two colours are (WCAG 2.2), and the paper a node stands on.
CONTRAST = """(node) => {
    const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = (colour) => {
        const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = parts(colour).map((c) => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let paper = node;
    const clear = (one) => [undefined, 0].includes(parts(getComputedStyle(one).backgroundColor)[3] ?? 1);
    while (paper.parentElement && clear(paper)) paper = paper.parentElement;
    const [ink, back] = [light(getComputedStyle(node).color), light(getComputedStyle(paper).backgroundColor)];
    return [(Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05), back];
}"""


async def focused(page: Page) -> str:
    """What has the focus, by what is read out or written on it."""
    return str(
        await page.evaluate("(document.activeElement?.ariaLabel || document.activeElement?.textContent || '').trim()")
    )


async def test_the_keyboard_alone_leads_from_the_address_to_the_acknowledgement(
    house: Browsed, page: Page, shoot: Shoot
) -> None:
    await house.alert("accuracy fell")
    await page.goto(house.address)
    ada = Reader(page)
    await expect(ada.switcher).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("oncall")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="ml-oncall")).to_be_visible()
    await expect(ada.composer).to_be_focused()

    card = ada.message("accuracy fell")
    for _ in range(30):  # out of the composer, past the tools of the message, onto the message itself
        await page.keyboard.press("Shift+Tab")
        if await card.evaluate("(node) => node === document.activeElement"):
            break
    await expect(card).to_be_focused()
    await shoot(page, "keyboard")
    for _ in range(15):
        await page.keyboard.press("Tab")
        if re.match(r"Acknowledge\b", await focused(page)):
            break
    assert re.match(r"Acknowledge\b", await focused(page))
    await page.keyboard.press("Enter")
    await expect(card).to_contain_text("ACKNOWLEDGED")
    assert await card.evaluate("(node) => node.contains(document.activeElement)")  # the hand is where it was


async def test_slash_goes_to_the_composer_and_escape_closes_the_thread(house: Browsed, page: Page) -> None:
    await house.alert("accuracy fell")
    ada = Reader(page)
    await ada.open(house.address)
    await ada.open_thread(ada.message("accuracy fell"))
    await page.keyboard.press("Escape")
    await expect(ada.thread).to_be_hidden()
    await ada.message("accuracy fell").focus()
    await page.keyboard.press("/")
    await expect(ada.composer).to_be_focused()
    await expect(page.get_by_role("listbox", name="Completions")).to_contain_text("/rollback")  # a command is begun


async def test_a_modal_keeps_the_focus_within_itself(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    await ada.say("/incident declare")
    await expect(ada.modal).to_be_visible()
    for _ in range(20):
        await page.keyboard.press("Tab")
        outside = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        assert not await page.evaluate(outside)


async def test_a_phone_shows_one_pane_at_a_time_and_nothing_sticks_out(
    house: Browsed, new_page: NewPage, shoot: Shoot
) -> None:
    await house.alert("accuracy fell")
    page = await new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    await page.goto(house.address)
    ada = Reader(page)
    rail = page.get_by_role("navigation", name="Channels and direct messages")

    async def fits(name: str) -> None:
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await shoot(page, f"phone-{name}")

    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.get_by_role("button", name="Channels").tap()
    await expect(page.get_by_role("heading", level=1)).to_be_hidden()
    await fits("rail")
    await rail.get_by_role("link", name=re.compile("^ml-oncall")).tap()
    await expect(rail).to_be_hidden()
    card = ada.message("accuracy fell")
    await expect(card).to_be_visible()
    await fits("channel")
    await card.get_by_role("button", name=re.compile("repl(y|ies)")).tap()
    await expect(ada.thread).to_be_visible()
    await expect(card).to_be_hidden()
    await fits("thread")
    await page.get_by_role("button", name="Close thread").tap()
    await ada.button(card, "Acknowledge").tap()
    await expect(card).to_contain_text("ACKNOWLEDGED")
    await ada.button(card, "Snooze").tap()
    await expect(ada.modal).to_be_visible()
    await fits("modal")


async def test_the_dark_is_dark_and_everything_can_be_read_in_both(
    house: Browsed, new_page: NewPage, shoot: Shoot
) -> None:
    await house.alert("accuracy fell")
    paper = {}
    for scheme in ("light", "dark"):
        page = await new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
        ada = Reader(page)
        await ada.open(house.address)
        card = ada.message("accuracy fell")
        await ada.open_thread(card)
        await expect(ada.reply("Evidence")).to_be_visible()
        await shoot(page, f"desk-{scheme}")
        read = [card.get_by_role("heading"), card.get_by_text("accuracy fell").last, ada.place("ml-retail")]
        read += [card.get_by_role("button", name=re.compile("^Acknowledge")), ada.thread.get_by_role("heading").first]
        read += [page.get_by_text("A sandbox on this machine"), ada.switcher]
        for one in read:
            contrast, paper[scheme] = await one.first.evaluate(CONTRAST)
            assert contrast >= 4.5, (scheme, await one.first.text_content(), contrast)
        _, paper[scheme] = await card.evaluate(CONTRAST)
    assert paper["light"] > 0.8
    assert paper["dark"] < 0.1


async def test_a_time_is_told_in_the_zone_of_who_reads(house: Browsed, page: Page) -> None:
    card = await house.alert("accuracy fell")
    ada = Reader(page)
    await ada.open(house.address)
    shown = {}
    for person in ("ada", "bo"):
        await ada.be(person)
        times = ada.message("accuracy fell").locator("time")
        await expect(times.first).to_have_attribute("datetime", re.compile(f"^{card.at:%Y-%m-%dT%H:%M}"))
        shown[person] = await times.all_text_contents()
    assert len(shown["ada"]) >= 2  # when it was posted, and since when it fires
    assert not set(shown["ada"]) & set(shown["bo"])  # Istanbul and Chicago never show the same hour


async def test_whatever_an_alert_says_stays_words(house: Browsed, page: Page, shoot: Shoot) -> None:
    await house.alert(HOSTILE, problem="hostile", segment="<b>all</b>")
    ada = Reader(page)
    await ada.open(house.address)
    card = ada.messages.last
    await expect(card).to_contain_text("<script>document.title='taken'</script>")
    await expect(card).to_contain_text("*loud*")
    await expect(card).to_contain_text("<!channel>")
    await ada.open_thread(card)
    await expect(ada.reply("Evidence")).to_contain_text("<img src=x onerror=")
    await shoot(page, "hostile")
    for region in (page.get_by_role("main"), ada.thread):
        assert (
            await region.locator("script, img[src='x'], [onerror], a[href*='evil'], a[href^='javascript']").count() == 0
        )
        assert await region.get_by_text("click me", exact=True).count() == 0
    assert "taken" not in await page.title()


async def test_without_a_key_or_with_a_wrong_one_it_says_where_the_address_was_printed(
    house: Browsed, new_page: NewPage, watch: Watch
) -> None:
    page = await new_page()
    await page.goto(house.ws.origin)
    await expect(page.get_by_role("main")).to_contain_text("printed in the terminal")
    watch.forgive("401")
    wrong = await new_page()
    await wrong.goto(f"{house.ws.origin}/#key=00000000")
    await expect(wrong.get_by_role("main")).to_contain_text("printed in the terminal")


async def test_the_key_leaves_the_address_bar_and_lasts_for_a_reload(house: Browsed, page: Page) -> None:
    ada = Reader(page)
    await ada.open(house.address)
    assert house.ws.control_token not in page.url
    await page.reload()
    await expect(ada.switcher).to_contain_text("You are ada")
    await expect(page.get_by_role("heading", level=1, name="ml-oncall")).to_be_visible()
