"""The suite that every pager must pass: `await pagers.conforms(plugin, lambda url: {"url": url, "token": "a-token"})`.

The lambda gives the options of a connection that sends to `url`, where the suite listens (bot.testing.far_end) and
answers well, late, badly or not at all. Secrets among the options must be at least eight characters, to be looked for.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot import registry
from bot.contract import Call, Check, Context, NotDelivered, Plugin, Sent
from bot.errors import PluginFault, PluginSilent
from bot.model.incident import imagined
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.runbook import Policy, Tier
from bot.model.view import View
from bot.testing.far_end import WAIT, Arrived, Behaviour, FarEnd
from bot.testing.promises import CONNECTION, NOW
from bot.testing.trial import TooMany, Trial

Options = Callable[[str], Mapping[str, Any]]

HEADLINE = "SEV2 INC-7: PSI of tenure on churn is 0.31"
ADA = Person("ada", "U01ADA", "ada@example.com", "+905550000001", "Europe/Istanbul")
HOSTILE = (
    "",
    "x" * 20_000,
    "half \ud800 a character",
    "\x00\x01\x1b[31m",
    "a\r\nX-Injected: yes\r\n\r\nGET / HTTP/1.1",
    "<!channel> *x* {{ 7 * 7 }} ${HOME} %s %n",
    "\u202egnp.exe",
    "\N{PILE OF POO}" * 500,
)
_PATIENCE = 0.3  # seconds given to a pager whose far end hangs


async def conforms(plugin: Plugin, options: Options, *, answer: bytes | None = None, deadline: float = 5.0) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, options, answer=answer, deadline=deadline)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(
    plugin: Plugin, options: Options, *, answer: bytes | None = None, deadline: float = 5.0
) -> list[str]:
    """What the pager does otherwise than promised, in sentences; [] when it keeps the contract.

    `answer` is what its far end says when all is well, where it wants more than `{"ok": true, "id": "message-1"}`;
    `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.pagers:
        return []
    async with FarEnd() as far:
        far.answer = answer or far.answer
        trial = _Trial(plugin, dict(options(far.url)), far, deadline)
        try:
            await trial.delivers()
            await trial.once()
            await trial.fails()
            await trial.unreachable(dict(options("http://127.0.0.1:9")))
            await trial.hangs()
            await trial.odd_calls()
            await trial.checks()
            trial.secret("its repr", f"{trial.pager()!r} {trial.settings()!r} {trial.settings()}")
        except TooMany:
            pass
        finally:
            trial.guard.close()
    return trial.found


def call(key: str = "page/INC-7/1/ada/prom", attempt: int = 1, *, headline: str = HEADLINE, to: Person = ADA) -> Call:
    """A page as the engine hands it over: to Ada, for the first step of INC-7."""
    why = "ada is on call for first-line."
    page = Page(key.removeprefix("page/"), "INC-7", 1, "L1", to.name, CONNECTION, why, PageState.DECIDED, NOW, NOW)
    policy = Policy((Tier("L1", ("person:ada",), timedelta(minutes=10)),), "L1", repeats=1, urgency="high")
    about = {"id": "INC-7", "title": "PSI of tenure on churn is 0.31", "severity": "sev2", "entity": "retail"}
    model = {"kind": "drift", "model": "churn", "model_version": "7", "environment": "production"}
    incident = imagined(policy, NOW, key="churn|drift", why="The runbook drift matches.", step=1, **about, **model)
    view = View(incident, headline, (), (page,), "Features drifted", "churn-ml", None, (to,), None, ())
    return Call(key, attempt, page, to, view, NOW)


class _Trial(Trial):
    """The suite for pagers."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], far: FarEnd, deadline: float) -> None:
        super().__init__(plugin, options, deadline)
        self._far = far

    async def delivers(self) -> None:
        """A page arrives once, says what it is about, and can be found again."""
        page = call()
        sent, arrived = await self._send(page)
        if isinstance(sent, NotDelivered):
            self.say(f"send must deliver when its far end works; it raised: {sent}")
        if isinstance(sent, Sent) and len(arrived) != 1:
            self.say(f"One send made {len(arrived)} requests to the far end; one page is one message.")
        said = [text.replace(page.key, "") for one in arrived for text in one.texts()]
        if arrived and not any("INC-7" in text or HEADLINE in text for text in said):
            self.say("What arrives names neither the incident nor its headline.")

    async def once(self) -> None:
        """Two attempts of one page are one message: nothing more arrives, or what arrives says that it is the same."""
        _, first = await self._send(call("page/INC-8/1/ada/prom"))
        _, again = await self._send(call("page/INC-8/1/ada/prom", 2))
        _, other = await self._send(call("page/INC-9/1/ada/prom"))
        if not again:
            return
        marks = [set(one[0].texts()) if one else set() for one in (first, again, other)]
        if not any("INC-8/1/ada/prom" in text for text in marks[1]) and not (marks[0] & marks[1]) - marks[2]:
            self.say(
                "A second attempt of one page arrives as a second message: nothing in it says that it is the same one. "
                "Send `call.key` where the channel drops copies, or look before sending when `call.attempt` is above 1."
            )

    async def fails(self) -> None:
        """Each way in which a far end says no is told apart: never again, later, or after so many seconds."""
        for how, retry in (
            (Behaviour.REFUSES, False),
            (Behaviour.MISSING, False),
            (Behaviour.BUSY, True),
            (Behaviour.BROKEN, True),
            (Behaviour.AWAY, True),
            (Behaviour.SLAMS, True),
        ):
            answer, _ = await self._send(call(f"page/{how}/1/ada/prom"), how)
            if isinstance(answer, Sent):
                self.say(f"send answers Sent although its far end {how}: nobody was paged.")
            if isinstance(answer, NotDelivered):
                if answer.retry is not retry:
                    self.say(f"NotDelivered must have retry={retry} where the far end {how}: {answer}")
                if how is Behaviour.BUSY and (answer.after is None or answer.after < WAIT):
                    self.say(f"Where the far end asks to wait {WAIT} s, NotDelivered must say after={WAIT}.")
                if how is not Behaviour.BUSY and answer.after is not None:
                    self.say(f"`after` is what the far end asked for; where it {how}, it asked for nothing.")
                if not answer.what:
                    self.say("NotDelivered without a reason.")
        await self._send(call("page/lies/1/ada/prom"), Behaviour.LIES)

    async def unreachable(self, options: dict[str, Any]) -> None:
        """Where nobody listens, the page may go later."""
        pager = self.plugin.pagers[0](self.plugin.settings.model_validate(options), Context(CONNECTION))
        answer = await self._answer(pager, call("page/nowhere/1/ada/prom"))
        if isinstance(answer, Sent) or (isinstance(answer, NotDelivered) and not answer.retry):
            self.say("Where nobody listens, send must raise NotDelivered with retry=True.")

    async def hangs(self) -> None:
        """A far end that never answers takes no longer than the deadline, and leaves nothing behind."""
        self._far.behaviour = Behaviour.HANGS
        pager = self.pager()
        try:
            await self.guard.call("pager", lambda: pager.send(call("page/hangs/1/ada/prom")), deadline=_PATIENCE)
        except PluginSilent:
            pass
        except (NotDelivered, PluginFault) as error:
            self.secret("an error", str(error))
        else:
            self.say("send answers Sent although its far end never answered.")
        self._far.behaviour = Behaviour.WORKS
        if not isinstance(await self._answer(pager, call("page/after/1/ada/prom")), Sent):
            self.say("After a page that was cut off by the deadline, the pager must be able to send the next one.")

    async def odd_calls(self) -> None:
        """No words of an alert and no gap in what is known of a person make it do anything but answer or refuse."""
        for number, words in enumerate(HOSTILE):
            _, arrived = await self._send(call(f"page/odd-{number}/1/ada/prom", headline=words))
            if any("x-injected" in one.headers for one in arrived):
                self.say("A line break in the headline becomes a header of its own.")
        nobody = dataclasses.replace(ADA, slack=None, email=None, phone=None)
        answer, _ = await self._send(call("page/nobody/1/ada/prom", to=nobody))
        if isinstance(answer, NotDelivered) and answer.retry:
            self.say("Somebody without an address will have none later either: retry=False.")

    async def checks(self) -> None:
        """The self-check answers in rows, whatever the far end does."""
        for how in (Behaviour.WORKS, Behaviour.REFUSES, Behaviour.BROKEN, Behaviour.LIES, Behaviour.SLAMS):
            self._far.behaviour = how
            try:
                rows: object = await self.guard.call("check", self.pager().check)
            except (PluginFault, NotDelivered) as fault:
                self.say(f"check must answer rows, also where the far end {how}: {fault.what}")
                continue
            if not isinstance(rows, list) or not all(isinstance(row, Check) for row in rows):
                self.say("check must answer a list of Check.")
            else:
                self.secret("a row of check", " ".join(f"{row.scope} {row.do}" for row in rows))
        self._far.behaviour = Behaviour.WORKS

    async def _send(
        self, page: Call, how: Behaviour = Behaviour.WORKS
    ) -> tuple[Sent | NotDelivered | None, list[Arrived]]:
        """What send answers, and what arrived meanwhile."""
        self._far.behaviour = how
        before = len(self._far.arrived)
        answer = await self._answer(self.pager(), page)
        self._far.behaviour = Behaviour.WORKS
        return answer, self._far.arrived[before:]

    async def _answer(self, pager: Any, page: Call) -> Sent | NotDelivered | None:
        try:
            answer: object = await self.guard.call("pager", lambda: pager.send(page))
        except NotDelivered as error:
            self.secret("an error", str(error))
            return error
        except PluginFault as fault:
            self.say(f"send must answer Sent or raise NotDelivered: {fault.what}")
            return None
        provider_id: object = answer.provider_id if isinstance(answer, Sent) else None
        if not isinstance(answer, Sent) or not isinstance(provider_id, str) or not provider_id:
            self.say("send must answer a Sent with the `provider_id` under which the message is found again.")
            return None
        self.secret("a provider_id", provider_id)
        return answer
