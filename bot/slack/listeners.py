"""What Slack may send us: each listener reads, acknowledges at once and hands over; nothing here waits for anything.

With `process_before_response` bolt answers when the listener returns, so a listener that only does this is the
quickest there is, and no failure after the ack can take the ack away.
"""

import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot import telemetry
from bot.errors import Unreadable
from bot.slack import payloads, quiet
from bot.slack.conversation import Conversation, Order, understand
from bot.slack.payloads import Body
from bot.slack.runner import Runner

Authorize = Callable[[], AuthorizeResult]
OnEvent = Mapping[str, Callable[[], Awaitable[None]]]
ANY = re.compile(".*", re.DOTALL)
log = telemetry.logger("slack")


class Listeners:
    """The listeners of one app."""

    def __init__(self, runner: Runner, conversation: Conversation, on_event: OnEvent) -> None:
        """`on_event` maps the type of an event to what it sets off; all others are acknowledged and dropped."""
        self._runner = runner
        self._conversation = conversation
        self._on_event = on_event

    async def press(self, ack: AsyncAck, body: Body) -> None:
        """A button, ours or unknown: what its value means is judged after the ack."""
        await ack()
        click = payloads.click(body)
        tell = self._conversation.tell(click.response_url)
        self._runner.start("press", self._conversation.press(click), tell)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """A slash command; one that is not understood gets its hint with the ack."""
        typed = payloads.typed(body)
        order = understand(typed)
        if not isinstance(order, Order):
            await ack(text=order.text, blocks=list(order.blocks), response_type="ephemeral")
            return
        await ack()
        tell = self._conversation.tell(typed.response_url)
        self._runner.start("command", self._conversation.command(typed, order), tell)

    async def event(self, ack: AsyncAck, body: Body) -> None:
        """Any event: an unmatched one would be answered 404, and Slack would count a failure."""
        await ack()
        happened = payloads.happened(body)
        if act := self._on_event.get(happened.kind):
            self._runner.start(f"event:{happened.kind}", self._once(happened.key, act))

    async def other(self, ack: AsyncAck) -> None:
        """Forms and shortcuts of another version of this app: taken, and nothing done."""
        await ack()
        log.warning("slack.unknown_interaction")

    async def _once(self, key: str, act: Callable[[], Awaitable[None]]) -> None:
        if await self._conversation.first(key):
            await act()


def app(listeners: Listeners, authorize: Authorize) -> AsyncApp:
    """Bolt, told to leave signatures to our gate and tokens to `authorize`, which answers from memory."""

    async def authorized() -> AuthorizeResult:
        return authorize()

    with _hidden("SLACK_"):
        made = AsyncApp(
            name="bolt",
            logger=quiet.logger("bolt"),
            client=AsyncWebClient(logger=quiet.logger("bolt")),
            authorize=authorized,
            process_before_response=True,
            request_verification_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
    made.action(ANY)(listeners.press)
    made.command(ANY)(listeners.command)
    made.event(ANY)(listeners.event)
    made.view(ANY)(listeners.other)
    made.view_closed(ANY)(listeners.other)
    made.shortcut(ANY)(listeners.other)
    made.options(ANY)(listeners.other)
    made.error(_broken)
    return made


async def _broken(error: Exception) -> None:
    """A listener could not even read its payload. Its ack, when it was given, stands; the log has the reason."""
    telemetry.REFUSED.labels("slack", "unreadable").inc()
    log.error("slack.listener_failed", reason=str(error), exc_info=None if isinstance(error, Unreadable) else error)


@contextmanager
def _hidden(prefix: str) -> Iterator[None]:
    """Bolt reads the environment by itself; a client id and secret in it even turn on stores of tokens at home."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(prefix)}
    try:
        yield
    finally:
        os.environ.update(kept)
