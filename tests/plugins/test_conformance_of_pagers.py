"""The suite for pagers: it passes one that keeps the contract and names what another does instead."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from bot.contract import Call, Check, ConnectionSettings, Context, Health, NotDelivered, Note, Plugin, Sent, http
from bot.testing import pagers


class HornSettings(ConnectionSettings):
    url: str
    token: SecretStr


class Horn:
    """As small as a pager can be that keeps the contract: it posts JSON, and its far end drops copies of a key."""

    sent: set[str] = set()  # noqa: RUF012  (shared on purpose: a test of remembering)

    def __init__(self, settings: HornSettings, context: Context) -> None:
        self.settings = settings

    def head(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token.get_secret_value()}"}

    async def post(self, call: Call) -> http.Reply:
        body = {"key": call.key, "text": call.view.headline.encode("utf-8", "replace").decode()}
        return await http.send("POST", self.settings.url, json=body, headers=self.head())

    async def send(self, call: Call) -> Sent:
        reply = (await self.post(call)).json()
        if not isinstance(reply, dict) or not isinstance(reply.get("id"), str):
            raise NotDelivered("The horn says nothing of a message.", "Look at its address.")
        return Sent(reply["id"])

    async def check(self) -> list[Check]:
        return [Check("url", Health.UNKNOWN, "Send yourself a test page.")]


class SaysNothing(Horn):
    async def post(self, call: Call) -> http.Reply:
        return await http.send("POST", self.settings.url, json={"key": call.key}, headers=self.head())


class Twice(Horn):
    async def send(self, call: Call) -> Sent:
        await self.post(call)
        return await super().send(call)


class Forgets(Horn):
    async def post(self, call: Call) -> http.Reply:
        return await http.send("POST", self.settings.url, json={"text": call.view.headline.encode(errors="replace")
                               .decode()}, headers=self.head())  # fmt: skip


class Optimist(Horn):
    async def send(self, call: Call) -> Sent:
        try:
            return await super().send(call)
        except NotDelivered:
            return Sent("perhaps")


class GivesUp(Horn):
    async def send(self, call: Call) -> Sent:
        try:
            return await super().send(call)
        except NotDelivered as error:
            raise NotDelivered(error.what) from None


class Stubborn(Horn):
    async def send(self, call: Call) -> Sent:
        try:
            return await super().send(call)
        except NotDelivered as error:
            raise NotDelivered(error.what, retry=True) from None


class Breaks(Horn):
    async def send(self, call: Call) -> Sent:
        reply = (await self.post(call)).json()
        return Sent(reply["id"])


class Nameless(Horn):
    async def send(self, call: Call) -> Sent:
        await super().send(call)
        return Sent("")


class TellsInErrors(Horn):
    async def send(self, call: Call) -> Sent:
        try:
            return await super().send(call)
        except NotDelivered as error:
            raise NotDelivered(f"{self.head()}: {error.what}", retry=error.retry, after=error.after) from None


class TellsInRepr(Horn):
    def __repr__(self) -> str:
        return str(self.head())


class Sulks(Horn):
    stuck = False

    async def send(self, call: Call) -> Sent:
        if self.stuck:
            raise NotDelivered("I was cut off.", retry=True)
        try:
            return await super().send(call)
        except asyncio.CancelledError:
            self.stuck = True
            raise


class ChecksByFalling(Horn):
    async def check(self) -> list[Check]:
        await http.send("GET", self.settings.url)
        return []


class ChecksNothing(Horn):
    async def check(self) -> list[Check]:
        return None  # type: ignore[return-value]


class Injects(Horn):
    async def send(self, call: Call) -> Sent:
        return await super().send(call)

    def head(self) -> dict[str, str]:
        return {"A": "x"}

    async def post(self, call: Call) -> http.Reply:
        url = self.settings.url.removeprefix("http://")
        host, port = url.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        body = b'{"INC-7": "%s"}' % call.key.encode()
        head = f"POST / HTTP/1.1\r\nX-Title: {call.view.headline}\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            writer.write(head.encode("utf-8", "replace") + body)
            answer = await reader.read()
        finally:
            writer.close()
        return http.Reply(200, answer.partition(b"\r\n\r\n")[2])


class Siren(Horn):
    """It declares all there is, and keeps it: it needs a phone, is never asked twice, tells, and follows."""

    channel: ClassVar[str] = "sms"
    once: ClassVar[bool] = True
    tells: ClassVar[bool] = True
    follows: ClassVar[bool] = True

    async def post(self, call: Call) -> http.Reply:
        if call.person.phone is None:
            raise NotDelivered("They have no phone.", "Give them one.")
        body = {"text": call.view.headline.encode("utf-8", "replace").decode()}  # no key: copies cannot be told apart
        return await http.send("POST", self.settings.url, json=body, headers=self.head())

    async def tell(self, note: Note) -> Sent:
        reply = await http.send("POST", self.settings.url, json=self.told(note), headers=self.head())
        return Sent(reply.json()["id"])

    def told(self, note: Note) -> dict[str, str]:
        return {"text": " ".join(note.text)}

    async def follow(self, call: Call) -> None:
        await http.send("POST", self.settings.url, json={"about": call.page.provider_id}, headers=self.head())


class Shouts(Siren):
    """Whoever has no phone is called nevertheless."""

    async def post(self, call: Call) -> http.Reply:
        return await http.send("POST", self.settings.url, json={"text": "INC-7"}, headers=self.head())


class Waits(Siren):
    """Perhaps they get a phone."""

    async def post(self, call: Call) -> http.Reply:
        if call.person.phone is None:
            raise NotDelivered("They have no phone.", retry=True)
        return await super().post(call)


class Nags(Siren):
    """What is in doubt is sent again."""

    async def send(self, call: Call) -> Sent:
        try:
            return await super().send(call)
        except NotDelivered as error:
            if not error.retry or error.after is not None or call.person.phone is None:
                raise
            return await super().send(call)


class Postpones(Siren):
    """What is in doubt is to be sent again after a while."""

    async def send(self, call: Call) -> Sent:
        try:
            return await super().send(call)
        except NotDelivered as error:
            raise NotDelivered(error.what, retry=error.retry, after=1.0 if error.retry else None) from None


class NagsOnSilence(Siren):
    async def send(self, call: Call) -> Sent:
        try:
            async with asyncio.timeout(0.1):
                return await super().send(call)
        except TimeoutError:
            return await super().send(call)


class Mumbles(Siren):
    def told(self, note: Note) -> dict[str, str]:
        return {"text": "You have a code."}


class TellsTwice(Siren):
    async def tell(self, note: Note) -> Sent:
        await super().tell(note)
        return await super().tell(note)


class TellsNobody(Siren):
    async def tell(self, note: Note) -> Sent:
        return Sent("told")


class FollowsOnce(Siren):
    done: ClassVar[set[str]] = set()

    async def follow(self, call: Call) -> None:
        if str(call.view.incident.phase) in self.done:
            raise NotDelivered("It is acknowledged already.")
        self.done.add(str(call.view.incident.phase))


class FollowsBadly(Siren):
    async def follow(self, call: Call) -> None:
        raise ValueError(call.view.incident.phase)


class GivesUpFollowing(Siren):
    async def follow(self, call: Call) -> None:
        try:
            await super().follow(call)
        except NotDelivered as error:
            raise NotDelivered(error.what) from None


class Mute(Siren):
    """A second channel of the same plugin, which is broken."""

    channel: ClassVar[str] = "call"

    async def send(self, call: Call) -> Sent:
        return Sent("nothing")


def options(url: str) -> Mapping[str, Any]:
    return {"url": url, "token": "a-token-of-the-suite"}


def plugin(part: type[Horn]) -> Plugin:
    return Plugin(name="horn", settings=HornSettings, pagers=(part,), hosts=("{url}",))


async def test_a_pager_that_keeps_the_contract_passes() -> None:
    await pagers.conforms(plugin(Horn), options)


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (SaysNothing, "names neither the incident nor its headline"),
        (Twice, "One send made 2 requests"),
        (Forgets, "A second attempt of one page arrives as a second message"),
        (Optimist, "send answers Sent although its far end refuses"),
        (GivesUp, "NotDelivered must have retry=True where the far end broken"),
        (Stubborn, "NotDelivered must have retry=False where the far end refuses"),
        (Stubborn, "NotDelivered must say after=7"),
        (Breaks, "send must answer Sent or raise NotDelivered: horn failed in pager"),
        (Nameless, "with the `provider_id`"),
        (TellsInErrors, "A secret shows in an error"),
        (TellsInRepr, "A secret shows in its repr"),
        (Sulks, "After a page that was cut off by the deadline"),
        (ChecksByFalling, "check must answer rows"),
        (ChecksNothing, "check must answer a list of Check"),
        (Injects, "A line break in the headline becomes a header of its own"),
        (Shouts, "Somebody without `phone` cannot be reached by this channel: raise NotDelivered"),
        (Waits, "Somebody without `phone` will have none later either"),
        (Nags, "A page in doubt made 2 requests (the far end broken); `once` allows one"),
        (Postpones, "which `once` forbids where nobody knows of the first"),
        (NagsOnSilence, "A page that is not answered is sent again, which `once` forbids"),
        (Mumbles, "What tell sends does not hold the note's text"),
        (TellsTwice, "One tell made 2 requests"),
        (TellsNobody, "tell must raise NotDelivered with retry=False where the far end refuses"),
        (FollowsOnce, "follow must be harmless twice; the second time (acknowledged)"),
        (FollowsBadly, "follow must be harmless twice; the first time (acknowledged)"),
        (GivesUpFollowing, "follow must raise NotDelivered with retry=True where the far end is broken"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Horn], complaint: str) -> None:
    answer = b'["a list"]' if part is Breaks else None
    found = await pagers.complaints(plugin(part), options, answer=answer)
    assert any(complaint in one for one in found), found


async def test_one_that_declares_all_there_is_and_keeps_it_passes() -> None:
    await pagers.conforms(plugin(Siren), options)


async def test_every_pager_of_a_plugin_is_tried() -> None:
    several = Plugin(name="horn", settings=HornSettings, pagers=(Siren, Mute), hosts=("{url}",))
    found = await pagers.complaints(several, options)
    assert any(one.startswith("call: ") and "although its far end" in one for one in found), found
    assert not any(one.startswith("sms: ") for one in found)


async def test_a_plugin_without_a_pager_has_nothing_to_keep() -> None:
    assert await pagers.complaints(Plugin(name="quiet"), options) == []


async def test_a_misfit_is_named_before_anything_is_sent() -> None:
    (complaint,) = await pagers.complaints(Plugin(name="horn", pagers=(object,)), options)
    assert "has no send" in complaint
