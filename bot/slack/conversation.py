"""What happens after the ack: a press or a command goes to the engine, and its person hears what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot import telemetry
from bot.engine import report, respond
from bot.engine.desk import Desk
from bot.engine.respond import Verb
from bot.model.verdict import Verdict
from bot.slack import buttons, cards, lists, payloads
from bot.slack.client import Client
from bot.slack.pieces import Message
from bot.store import seen

REMEMBERED = timedelta(hours=1)  # Slack redelivers within minutes
VERBS = {
    "ack": Verb.ACKNOWLEDGE,
    "acknowledge": Verb.ACKNOWLEDGE,
    "resolve": Verb.RESOLVE,
    "escalate": Verb.ESCALATE,
}
log = telemetry.logger("slack")


@dataclass(frozen=True, slots=True)
class Order:
    """A command that was understood: what to do, and on what (an incident or a rota; None when left out)."""

    act: str
    on: str | None = None


def understand(typed: payloads.Typed) -> Order | Message:
    """The order in a typed command, or the hint that helps."""
    words = typed.text.split()
    if typed.name == "/oncall":
        return Order("oncall", words[0] if words else None) if len(words) <= 1 else lists.usage(typed.name)
    act = words[0].lower() if words else ""
    if typed.name != "/incident" or len(words) > 2 or act not in {"list", "show", *VERBS}:
        return lists.usage(typed.name)
    return Order(act, words[1] if len(words) == 2 else None)


class Conversation:
    """Talks with people on behalf of the engine."""

    def __init__(self, desk: Desk, client: Client) -> None:
        """`client` whispers; everything else is the desk's."""
        self._desk = desk
        self._client = client

    def tell(self, response_url: str | None) -> Callable[[str], Awaitable[None]]:
        """How to say one sentence to whoever is behind `response_url`."""

        async def say(sentence: str) -> None:
            await self._whisper(response_url, cards.notice(sentence))

        return say

    async def press(self, click: payloads.Click) -> None:
        """Do what a button means; why not, when the rules say no."""
        meant = buttons.decode(click.value)
        if not await self.first(click.key):
            return
        answer = await respond.take(
            self._desk,
            respond.Press(
                meant.verb,
                meant.incident,
                f"slack:{click.user}",
                self._desk.clock.now(),
                "button",
                meant.seen_version,
            ),
        )
        if answer.verdict is not Verdict.GO:
            await self._whisper(click.response_url, cards.notice(answer.sentence))

    async def command(self, typed: payloads.Typed, order: Order) -> None:
        """Answer a command so that only its person sees it."""
        if await self.first(typed.key):
            await self._whisper(typed.response_url, await self._obey(typed, order))

    async def first(self, key: str) -> bool:
        """Whether this delivery is the first of its kind, on whichever replica."""
        return await self._desk.store.write(lambda tx: seen.first(tx, f"slack/{key}", tx.now + REMEMBERED))

    async def _obey(self, typed: payloads.Typed, order: Order) -> Message:
        desk = self._desk
        if order.act == "oncall":
            return await self._on_call(order.on)
        if order.act == "list":
            return lists.incidents(await report.incidents_list(desk, limit=lists.MOST + 1))
        incident = order.on
        if incident is None:
            found = await report.incidents_list(desk, limit=lists.MOST + 1)
            if len(found) != 1:
                return lists.which(order.act, found)
            incident = found[0].id
        if order.act == "show":
            return cards.incident_card(await report.view(desk, incident, timeline=cards.TOLD), desk.clock.now())
        press = respond.Press(VERBS[order.act], incident, f"slack:{typed.user}", desk.clock.now(), "command")
        return cards.notice((await respond.take(desk, press)).sentence)

    async def _on_call(self, rota: str | None) -> Message:
        found = await report.on_call(self._desk, self._desk.clock.now())
        named = [one for one in found if rota is None or one.rota == rota]
        if rota is not None and not named:
            known = ", ".join(one.rota for one in found) or "none"
            return lists.usage("/oncall", f"There is no rota {rota!r}; there are: {known}.")
        return lists.on_call(named)

    async def _whisper(self, response_url: str | None, message: Message) -> None:
        if response_url is None:
            log.warning("slack.nowhere_to_answer", text=message.text)
            return
        await self._client.whisper(response_url, message)
