"""A person in front of the page, who finds things by the names that are read out: roles and labels, never classes."""

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, TimeoutError, expect


@dataclass(frozen=True)
class Reader:
    """What somebody does with the page, and what they look at."""

    page: Page

    async def open(self, address: str, *, be: str = "ada", go: str = "ml-oncall") -> None:
        """Opens the printed address, becomes this person and goes to this channel."""
        await self.page.goto(address)
        await expect(self.switcher).to_be_visible()
        await self.be(be)
        await self.go(go)

    # --- where one is ---

    @property
    def switcher(self) -> Locator:
        """The button that says who one is."""
        return self.page.get_by_role("button", name=re.compile("^You are "))

    async def be(self, person: str) -> None:
        """Becomes somebody else."""
        if await self.switcher.get_by_text(f"You are {person}", exact=True).count():
            return
        await self.switcher.click()
        menu = self.page.get_by_role("menu", name="Who to be")
        await menu.get_by_role("menuitemradio", name=re.compile(rf"(^|· ){person}\b")).click()
        await expect(self.switcher).to_contain_text(f"You are {person}")

    def place(self, name: str) -> Locator:
        """A channel, the direct messages (`tocsin`) or App Home in the rail."""
        rail = self.page.get_by_role("navigation", name="Channels and direct messages")
        return rail.get_by_role("link", name=re.compile(rf"^{re.escape(name)}\b"))

    async def go(self, name: str) -> None:
        """Goes to a place of the rail."""
        await self.place(name).click()
        await expect(self.page.get_by_role("heading", level=1, name=re.compile(re.escape(name)))).to_be_visible()

    # --- what one sees ---

    @property
    def messages(self) -> Locator:
        """The messages of the place one is at, oldest first."""
        return self.page.get_by_role("list", name="Messages").locator("> li[data-ts]")

    @property
    def thread(self) -> Locator:
        """The thread that is open."""
        return self.page.get_by_role("complementary", name="Thread")

    def message(self, words: str) -> Locator:
        """The newest message that shows these words."""
        return self.messages.filter(has_text=words).last

    def reply(self, words: str) -> Locator:
        """The newest message with these words in the thread."""
        return self.thread.get_by_role("list", name="Thread").locator("> li[data-ts]").filter(has_text=words).last

    @property
    def modal(self) -> Locator:
        """The form on top."""
        return self.page.get_by_role("dialog")

    @property
    def composer(self) -> Locator:
        """Where one writes to the place one is at."""
        return self.page.get_by_role("textbox", name=re.compile("^Message "))

    # --- what one does ---

    async def press(self, message: Locator, label: str) -> None:
        """Presses a button of a message; what is read out may say more than what is written on it."""
        await self.button(message, label).click()

    async def agree(self, message: Locator, label: str) -> None:
        """Presses a button that asks first, and says yes."""
        await self.press(message, label)
        await self.modal.get_by_role("button", name=label, exact=True).click()

    def button(self, message: Locator, label: str) -> Locator:
        """A button of a message by the words on it, or those that are read out."""
        return message.get_by_role("button", name=re.compile(rf"^{re.escape(label)}\b"))

    async def say(self, text: str) -> None:
        """Writes a message, or a command that is known well enough to need no help."""
        await self.composer.fill(text)
        await self.composer.press("Escape")
        await self.composer.press("Enter")

    async def more(self, message: Locator, label: str) -> None:
        """Chooses something from the menu of a message."""
        await self._hovered(
            message, message.get_by_role("group", name="Message").get_by_role("button", name="More actions")
        )
        await self.page.get_by_role("menuitem", name=re.compile(f"^{re.escape(label)}")).click()

    async def _hovered(self, message: Locator, button: Locator) -> None:
        """Presses what shows while the mouse is over a message, which may be drawn anew or pushed away meanwhile."""
        for patience in (2_000, 2_000, 15_000):
            await message.hover()
            try:
                await button.click(timeout=patience)
            except TimeoutError:
                continue
            return
        raise AssertionError("The message never stood still under the mouse.")

    async def open_thread(self, message: Locator) -> None:
        """Opens the thread of a message."""
        await self._hovered(message, message.get_by_role("button", name="Reply in thread"))
        await expect(self.thread).to_be_visible()
