"""The tour of the demo by clicking: from the address that is printed to a model that was trained anew, and serves."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Shoot
from tests.browser.reader import Reader
from tests.parts.process import environment

PATIENCE = 60_000  #: milliseconds for what the demo's models, watchers and clocks need in the machine's time
STOPS = 15.0  #: seconds within which it has to end when it is told to


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """`tocsin demo` as a newcomer starts it, an hour a minute: the address of its page; told to end, it ends well."""
    words = ("demo", "--port", "0", "--speed", "60", "--folder", str(tmp_path / "demo"), "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, env=environment({}), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield str(orjson.loads(line)["page"])
        process.terminate()
        async with asyncio.timeout(STOPS):
            assert (await process.stdout.read(), await process.wait()) == (b"", 0)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Tour(Reader):
    """The same person, with the list of what to try at hand."""

    def step(self, title: str) -> Locator:
        """One step of the tour."""
        tour = self.page.get_by_role("region", name="Tour")
        return tour.get_by_role("listitem").filter(has=self.page.get_by_role("button", name=re.compile(title)))

    async def show(self, title: str, who: str) -> None:
        """Lets the page lead to where this step happens, as the person who does it there."""
        lead = self.step(title).get_by_role("button", name=f"Show me, as {who}", exact=True)
        await lead.click(timeout=PATIENCE)
        await expect(self.switcher).to_contain_text(f"You are {who}")

    async def shown(self, title: str) -> None:
        """The same, whoever that is."""
        await self.step(title).get_by_role("button", name=re.compile("^Show me, as ")).click(timeout=PATIENCE)

    async def ahead(self, minutes: int) -> str:
        """So many minutes from now, as one reads it on the clock of the page and types it."""
        shown = await self.page.get_by_role("time").first.inner_text()
        words = f"{' '.join(shown.split())} +0000"  # what stands between may be a narrow space
        read = datetime.strptime(words, "%I:%M:%S %p %z")
        return f"{read + timedelta(minutes=minutes):%H:%M}"

    async def proposed(self) -> None:
        """Sends the form; an hour of the demo may end meanwhile, which makes it another plan, to be looked at again."""
        send = self.modal.get_by_role("button", name="Propose")
        await send.click()
        await expect(self.modal).to_contain_text(re.compile("waits for|look again"))
        if await self.modal.get_by_text("look again").count():
            await send.click()
        await expect(self.modal).to_contain_text("waits for")

    async def ticked(self, title: str) -> None:
        """Waits until the step is done, which the log says and not the page."""
        await expect(self.step(title).get_by_role("button", name=re.compile(title))).to_have_accessible_name(
            re.compile("done"), timeout=PATIENCE
        )


async def test_the_whole_tour_by_clicking(demo: str, page: Page, shoot: Shoot) -> None:
    reader = Tour(page)
    await page.goto(demo)
    # The first incident opens by itself; nobody has touched its thread yet, so it does not count as read.
    await expect(reader.reply("SEV1")).to_contain_text("churn", timeout=PATIENCE)
    card = reader.message("INC-1")
    speed = page.get_by_role("combobox", name="Speed of time")
    await shoot(page, "tour-1-first")

    await reader.be("ada")
    await reader.press(card, "Acknowledge")
    await expect(card).to_contain_text("ACKNOWLEDGED")
    await reader.ticked("Acknowledge")

    await reader.show("Read why", "bo")
    await expect(card).to_be_focused()
    await expect(reader.reply("Evidence for")).to_contain_text("log_loss")
    await reader.ticked("Read why")
    await shoot(page, "tour-2-why")

    await reader.be("ada")
    await reader.say("/rollback churn")
    why = reader.modal.get_by_label("Why")
    await why.fill("The feature that version 7 reads broke.")
    await expect(reader.modal).to_contain_text("churn")
    await shoot(page, "tour-3-form")
    await reader.modal.get_by_role("button", name="Propose").click()
    await expect(reader.modal).to_contain_text("waits for")
    await page.keyboard.press("Escape")

    change = reader.message("roll back churn")
    await expect(change).to_contain_text("7 becomes 6")
    await reader.agree(change, "Approve")  # as ada, who asked for it
    await expect(reader.message("Only visible to you")).to_contain_text("somebody else must agree")
    await expect(change).to_contain_text("PROPOSED")
    await reader.show("Roll back", "bo")
    await shoot(page, "tour-4-asked")
    await reader.agree(change, "Approve")
    await expect(change).to_contain_text("DONE", timeout=PATIENCE)
    await expect(change).to_contain_text("Seen to serve: 6")
    await reader.ticked("Roll back")
    await shoot(page, "tour-5-served")

    await speed.select_option("300×")  # who would wait a quarter of an hour for the next step?
    await reader.ticked("Let one climb")
    await reader.be("cy")
    await reader.go("tocsin")
    paged = reader.message("refund-agent")
    await expect(paged).to_contain_text("L3", timeout=PATIENCE)
    await speed.select_option("1×")
    await reader.press(paged, "Acknowledge")
    await expect(reader.button(paged, "Acknowledge")).to_have_count(0)
    await shoot(page, "tour-6-answered")

    await speed.select_option("60×")
    await retrained(reader, shoot)
    await handed_over(reader, shoot)
    await expect(page.get_by_role("region", name="Tour")).to_contain_text("You have seen it all")
    await shoot(page, "tour-14-all")


async def retrained(reader: Tour, shoot: Shoot) -> None:
    """The fifth step: ada asks for a retrain, bo agrees, both watch it, and what passed is promoted."""
    page = reader.page
    await reader.shown("Retrain")
    await reader.be("ada")
    wrong = reader.message("delivery-days 3 performs worse")
    await expect(wrong).to_contain_text("one hub sorts everything now")
    await reader.press(wrong, "Retrain")
    await reader.modal.get_by_label("Why").fill("The carrier has a new hub.")
    await expect(reader.modal).to_contain_text("It learns from")
    await shoot(page, "tour-7-retrain")
    await reader.proposed()
    await page.keyboard.press("Escape")
    training = reader.message("retrain delivery-days")
    await reader.agree(training, "Approve")  # as ada, who asked for it
    await expect(reader.message("Only visible to you")).to_contain_text("somebody else must agree")
    await reader.show("Retrain", "bo")
    await reader.agree(training, "Approve")
    await expect(training).to_contain_text("stretch", timeout=PATIENCE)
    await expect(training).to_contain_text("TRAINING")
    await shoot(page, "tour-8-trains")
    await expect(training).to_contain_text("PASSED the gate", timeout=PATIENCE)
    promotion = reader.message("promote delivery-days")
    await expect(promotion).to_contain_text("3 becomes 4", timeout=PATIENCE)
    await reader.show("Retrain", "ada")
    await shoot(page, "tour-9-passed")
    await reader.agree(promotion, "Approve")
    await expect(promotion).to_contain_text("Seen to serve: 4", timeout=PATIENCE)
    await reader.ticked("Retrain")


async def handed_over(reader: Tour, shoot: Shoot) -> None:
    """The last step: bo lets ada take over, adds a note to the draft, and is paged as well until ada accepts."""
    page = reader.page
    speed = page.get_by_role("combobox", name="Speed of time")
    await reader.show("Hand over", "bo")
    await expect(reader.composer).to_have_value("/oncall override churn-ml-primary")
    await speed.select_option("1×")
    await reader.composer.press("Enter")
    who = reader.modal.get_by_role("combobox", name="Who takes over")
    await who.fill("ada")
    await page.get_by_role("option", name="ada").locator("visible=true").click()
    await reader.modal.get_by_label("Until").fill("8h")
    await reader.modal.get_by_label("Why").fill("A long journey.")
    await reader.modal.get_by_label("From").fill(await reader.ahead(15))
    await reader.modal.get_by_label("From").press("Enter")
    await expect(reader.modal).to_contain_text("As it will be")
    await shoot(page, "tour-10-override")
    await reader.modal.get_by_role("button", name="Put in place").click()
    await expect(reader.modal).to_contain_text("ada alone is on call")
    await page.keyboard.press("Escape")
    draft = reader.message("a draft")
    await expect(draft).to_contain_text("Handover of churn-ml-primary: bo to ada")
    lead = reader.step("Hand over").get_by_role("button", name="Show me, as bo", exact=True)
    await expect(lead).to_have_attribute("data-led", str(await draft.get_attribute("data-ts")))
    await reader.show("Hand over", "bo")
    await expect(draft).to_be_focused()
    await shoot(page, "tour-11-draft")
    await reader.press(draft, "Add a note")
    await reader.modal.get_by_label("What the numbers do not say").fill("Keep an eye on the new hub.")
    await reader.modal.get_by_role("button", name="Add the note").click()
    await expect(reader.modal).to_contain_text("Your note stands in HND-1")
    await page.keyboard.press("Escape")
    await speed.select_option("60×")
    post = reader.message("Handover of churn-ml-primary: bo to ada")
    await expect(reader.message("It has been posted in #ml-retail")).to_be_visible(timeout=PATIENCE)
    await speed.select_option("1×")
    await reader.show("Hand over", "ada")
    await expect(post).to_contain_text("Keep an eye on the new hub.")
    await expect(post).to_contain_text("Until somebody accepts it, bo, ada are all paged.")
    await expect(reader.thread.get_by_role("img", name=re.compile("^The load of churn-ml-primary"))).to_be_visible()
    await shoot(page, "tour-12-posted")
    await reader.be("bo")
    await reader.agree(post, "Accept")
    await expect(reader.message("Only visible to you")).to_contain_text("somebody else must accept it")
    await reader.be("ada")
    await reader.agree(post, "Accept")
    await expect(post).to_contain_text("Accepted by ada")
    await reader.ticked("Hand over")
    await shoot(page, "tour-13-accepted")
