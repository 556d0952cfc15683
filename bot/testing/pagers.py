"""The suite that every pager must pass: `await pagers.conforms(plugin, lambda url: {"url": url, "token": "a-token"})`.

The lambda gives the options of a connection that sends to `url`, where the suite listens (bot.testing.far_end) and
answers well, late, badly or not at all. Secrets among the options must be at least eight characters, to be looked for.
Each of a plugin's pagers is tried, with what it says of itself: its `channel`, `once`, `tells` and `follows`.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from bot import registry
from bot.contract import Call, Check, Context, NotDelivered, Note, Plugin, Sent
from bot.errors import PluginFault, PluginSilent
from bot.model.address import NEEDS
from bot.model.incident import Phase, imagined
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.runbook import Policy, Tier
from bot.model.view import View
from bot.testing.far_end import WAIT, Arrived, Behaviour, FarEnd
from bot.testing.promises import CONNECTION, NOW
from bot.testing.trial import ADDRESS, TooMany, Trial

Options = Callable[[str], Mapping[str, Any]]

HEADLINE = "SEV2 INC-7: PSI of tenure on churn is 0.31"
ADA = Person("ada", "U01ADA", "ada@example.com", "+905550000001", "Europe/Istanbul", push="ada-phone")
NOTE = "Your code is 271828."
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
    """What the pagers do otherwise than promised, in sentences; [] when they keep the contract.

    `answer` is what their far end says when all is well, where it wants more than `{"ok": true, "id": "message-1"}`;
    `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    found = []
    for nth, part in enumerate(plugin.pagers):
        name = f"{getattr(part, 'channel', '') or part.__name__}: " if len(plugin.pagers) > 1 else ""
        found += [f"{name}{one}" for one in await _tried(plugin, nth, options, answer, deadline)]
    return found


async def _tried(plugin: Plugin, nth: int, options: Options, answer: bytes | None, deadline: float) -> list[str]:
    """What one of its pagers does otherwise."""
    async with FarEnd() as far:
        far.answer = answer or far.answer
        trial = _Trial(plugin, dict(options(far.url)), far, deadline, nth)
        try:
            await trial.delivers()
            await trial.twice()
            await trial.fails()
            await trial.unreachable(dict(options("http://127.0.0.1:9")))
            await trial.hangs()
            await trial.odd_calls()
            await trial.tells()
            await trial.follows()
            await trial.checks()
            trial.secret("its repr", f"{trial.part()!r} {trial.settings()!r} {trial.settings()}")
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
    """The suite for one pager of a plugin."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], far: FarEnd, deadline: float, nth: int) -> None:
        super().__init__(plugin, options, deadline)
        self._far = far
        self._nth = nth
        self._once = bool(getattr(plugin.pagers[nth], "once", False))

    def part(self) -> Any:
        """The pager, built anew."""
        return self.pager(self._nth)

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

    async def twice(self) -> None:
        """Two attempts of one page are one message: nothing more arrives, or what arrives says that it is the same.

        One with `once` is never asked again, and may not ask again by itself.
        """
        if self._once:
            for how in (Behaviour.BROKEN, Behaviour.AWAY, Behaviour.SLAMS, Behaviour.LIES):
                answer, arrived = await self._send(call(f"page/doubt-{how}/1/ada/prom"), how)
                if len(arrived) > 1:
                    self.say(f"A page in doubt made {len(arrived)} requests (the far end {how}); `once` allows one.")
                if isinstance(answer, NotDelivered) and answer.after is not None:
                    self.say("With `after` a page is sent again, which `once` forbids where nobody knows of the first.")
            return
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
        context = Context(CONNECTION, address=ADDRESS)
        pager = self.plugin.pagers[self._nth](self.plugin.settings.model_validate(options), context)
        answer = await self._answer(pager, call("page/nowhere/1/ada/prom"))
        if isinstance(answer, Sent) or (isinstance(answer, NotDelivered) and not answer.retry):
            self.say("Where nobody listens, send must raise NotDelivered with retry=True.")

    async def hangs(self) -> None:
        """A far end that never answers takes no longer than the deadline, and leaves nothing behind."""
        self._far.behaviour = Behaviour.HANGS
        pager = self.part()
        before = len(self._far.arrived)
        try:
            await self.guard.call("pager", lambda: pager.send(call("page/hangs/1/ada/prom")), deadline=_PATIENCE)
        except PluginSilent:
            pass
        except (NotDelivered, PluginFault) as error:
            self.secret("an error", str(error))
        else:
            self.say("send answers Sent although its far end never answered.")
        if self._once and len(self._far.arrived) > before + 1:
            self.say("A page that is not answered is sent again, which `once` forbids.")
        self._far.behaviour = Behaviour.WORKS
        if not isinstance(await self._answer(pager, call("page/after/1/ada/prom")), Sent):
            self.say("After a page that was cut off by the deadline, the pager must be able to send the next one.")

    async def odd_calls(self) -> None:
        """No words of an alert and no gap in what is known of a person make it do anything but answer or refuse."""
        for number, words in enumerate(HOSTILE):
            _, arrived = await self._send(call(f"page/odd-{number}/1/ada/prom", headline=words))
            if any("x-injected" in one.headers for one in arrived):
                self.say("A line break in the headline becomes a header of its own.")
        nobody = dataclasses.replace(ADA, slack=None, email=None, phone=None, push=None)
        answer, _ = await self._send(call("page/nobody/1/ada/prom", to=nobody))
        self._unaddressed("Somebody without an address", answer, must=False)
        if needs := NEEDS.get(getattr(self.plugin.pagers[self._nth], "channel", "")):
            blank: dict[str, Any] = {needs: None}
            without = dataclasses.replace(ADA, **blank)
            answer, _ = await self._send(call("page/without/1/ada/prom", to=without))
            self._unaddressed(f"Somebody without `{needs}`", answer, must=True)

    def _unaddressed(self, who: str, answer: Sent | NotDelivered | None, *, must: bool) -> None:
        if isinstance(answer, NotDelivered) and answer.retry:
            self.say(f"{who} will have none later either: retry=False.")
        if isinstance(answer, Sent) and must:
            self.say(f"{who} cannot be reached by this channel: raise NotDelivered.")

    async def tells(self) -> None:
        """Plain words arrive once, in whatever way they are spelled; where they do not, it says so as send does."""
        if not getattr(self.plugin.pagers[self._nth], "tells", False):
            return
        note = Note("note/ada/1", ADA, NOTE, NOW)
        before = len(self._far.arrived)
        if not isinstance(await self._answer(self.part(), note), Sent):
            self.say("tell must deliver when its far end works.")
        arrived = self._far.arrived[before:]
        if len(arrived) != 1:
            self.say(f"One tell made {len(arrived)} requests to the far end; a note is one message.")
        if arrived and not any(_letters(NOTE) in _letters(text) for one in arrived for text in one.texts()):
            self.say("What tell sends does not hold the note's text.")
        for how, retry in ((Behaviour.REFUSES, False), (Behaviour.SLAMS, True)):
            self._far.behaviour = how
            answer = await self._answer(self.part(), dataclasses.replace(note, key=f"note/ada/{how}"))
            if not isinstance(answer, NotDelivered) or answer.retry is not retry:
                self.say(f"tell must raise NotDelivered with retry={retry} where the far end {how}.")
        self._far.behaviour = Behaviour.WORKS

    async def follows(self) -> None:
        """The far end follows the incident, and hearing of it twice changes nothing."""
        if not getattr(self.plugin.pagers[self._nth], "follows", False):
            return
        page = call("page/INC-10/1/ada/prom")
        sent, _ = await self._send(page)
        known = sent.provider_id if isinstance(sent, Sent) else "message-1"
        for phase in (Phase.ACKNOWLEDGED, Phase.RESOLVED):
            view = dataclasses.replace(page.view, incident=dataclasses.replace(page.view.incident, phase=phase))
            stands = dataclasses.replace(page, view=view, page=dataclasses.replace(page.page, provider_id=known))
            for time in ("the first", "the second"):
                if (fault := await self._followed(stands)) is not None:
                    self.say(f"follow must be harmless twice; {time} time ({phase}) it raised: {fault}")
            self._far.behaviour = Behaviour.BROKEN
            fault = await self._followed(stands)
            if isinstance(fault, PluginFault) or (fault is not None and not fault.retry):
                self.say(f"follow must raise NotDelivered with retry=True where the far end is broken: {fault}")
            self._far.behaviour = Behaviour.WORKS

    async def _followed(self, page: Call) -> NotDelivered | PluginFault | None:
        pager = self.part()
        try:
            await self.guard.call("pager", lambda: pager.follow(page))
        except (NotDelivered, PluginFault) as fault:
            self.secret("an error", str(fault))
            return fault
        return None

    async def checks(self) -> None:
        """The self-check answers in rows, whatever the far end does."""
        for how in (Behaviour.WORKS, Behaviour.REFUSES, Behaviour.BROKEN, Behaviour.LIES, Behaviour.SLAMS):
            self._far.behaviour = how
            try:
                rows: object = await self.guard.call("check", self.part().check)
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
        answer = await self._answer(self.part(), page)
        self._far.behaviour = Behaviour.WORKS
        return answer, self._far.arrived[before:]

    async def _answer(self, pager: Any, page: Call | Note) -> Sent | NotDelivered | None:
        """What send answers to a page, or tell to a note."""
        verb = "tell" if isinstance(page, Note) else "send"
        act: Callable[[], Awaitable[object]] = lambda: getattr(pager, verb)(page)  # noqa: E731
        try:
            answer = await self.guard.call("pager", act)
        except NotDelivered as error:
            self.secret("an error", str(error))
            return error
        except PluginFault as fault:
            self.say(f"{verb} must answer Sent or raise NotDelivered: {fault.what}")
            return None
        provider_id: object = answer.provider_id if isinstance(answer, Sent) else None
        if not isinstance(answer, Sent) or not isinstance(provider_id, str) or not provider_id:
            self.say(f"{verb} must answer a Sent with the `provider_id` under which the message is found again.")
            return None
        self.secret("a provider_id", provider_id)
        return answer


def _letters(text: str) -> str:
    """Its letters and digits alone: a code that is spoken digit by digit is the same code."""
    return "".join(sign for sign in text if sign.isalnum()).casefold()
