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
from bot.slack import cards, forms, orders, payloads, presses, quiet, shortcuts
from bot.slack.payloads import Asked, Body, Happened
from bot.slack.runner import Runner, Tell
from bot.slack.talk import Talk

Authorize = Callable[[str | None], Awaitable[AuthorizeResult]]
OnEvent = Mapping[str, Callable[[Talk, Happened], Awaitable[None]]]
ANY = re.compile(".*", re.DOTALL)
log = telemetry.logger("slack")


class Listeners:
    """The listeners of one app."""

    def __init__(self, runner: Runner, talk: Talk, on_event: OnEvent) -> None:
        """`on_event` maps the type of an event to what it sets off; all others are acknowledged and dropped."""
        self._runner = runner
        self._talk = talk
        self._on_event = on_event

    async def press(self, ack: AsyncAck, body: Body) -> None:
        """A button, ours or unknown: what its value means is judged after the ack."""
        await ack()
        click = payloads.click(body)
        self._runner.start("press", presses.press(self._talk, click), self._tell(click.asked))

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """A slash command."""
        await ack()
        typed = payloads.typed(body)
        self._runner.start("command", orders.command(self._talk, typed), self._tell(typed.asked))

    async def event(self, ack: AsyncAck, body: Body) -> None:
        """Any event: an unmatched one would be answered 404, and Slack would count a failure."""
        await ack()
        happened = payloads.happened(body)
        if act := self._on_event.get(happened.kind):
            self._runner.start(f"event:{happened.kind}", self._once(happened, act), self._reply(happened))

    async def form(self, ack: AsyncAck, body: Body) -> None:
        """A form was sent: what is wrong with a field is said with the ack, otherwise it shows that we are at it."""
        sent = payloads.sent(body)
        if wrong := forms.errors(sent):
            await ack(response_action="errors", errors=wrong)
            return
        await ack(response_action="update", view=forms.working(sent))
        self._runner.start("form", presses.submitted(self._talk, sent), forms.tell(self._talk, sent))

    async def looking(self, ack: AsyncAck, body: Body) -> None:
        """Somebody types into a select: it is answered from memory, with the ack."""
        await ack(**forms.options(self._talk.desk, payloads.looking(body)))

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """A shortcut, global or on a message."""
        await ack()
        picked = payloads.picked(body)
        self._runner.start("shortcut", shortcuts.used(self._talk, picked), self._tell(picked.asked))

    async def closed(self, ack: AsyncAck) -> None:
        """A form was closed; nobody waits for anything."""
        await ack()

    async def _once(self, happened: Happened, act: Callable[[Talk, Happened], Awaitable[None]]) -> None:
        if await self._talk.first(f"once/{happened.key}", payloads.content(happened)):
            await act(self._talk, happened)

    def _tell(self, asked: Asked) -> Tell:
        """How its person hears a sentence when what they asked for failed."""
        return lambda sentence: self._talk.answer(asked, cards.notice(sentence))

    def _reply(self, happened: Happened) -> Tell | None:
        """Only who spoke to the bot is told of a failure; the rest of the events have nobody waiting."""
        spoken = happened.kind in ("app_mention", "message", "reaction_added", "reaction_removed")
        return self._answer(happened) if spoken else None

    def _answer(self, happened: Happened) -> Tell:
        # Who wrote it is read when there is something to say: an edit, for one, has nobody behind it.
        return lambda sentence: self._talk.answer(payloads.wrote(happened), cards.notice(sentence))


def app(listeners: Listeners, authorize: Authorize) -> AsyncApp:
    """Bolt, told to leave signatures to our gate and tokens to `authorize`, which answers from memory."""

    async def authorized(team_id: str | None) -> AuthorizeResult:
        return await authorize(team_id)

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
    made.view(ANY)(listeners.form)
    made.view_closed(ANY)(listeners.closed)
    made.shortcut(ANY)(listeners.shortcut)
    made.options(ANY)(listeners.looking)
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
