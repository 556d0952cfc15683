"""A real Prometheus Alertmanager, a real bot, and what people see: fire, group, mixed resolve, repeat, re-fire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.sandbox.workspace import Message, Workspace
from tests.parts import alertmanager as alertmanagers
from tests.parts import folder, free_port, process, waiting

pytestmark = [pytest.mark.alertmanager, pytest.mark.slow]

StartAlertmanager = Callable[..., Awaitable[alertmanagers.Alertmanager]]
PATIENCE = 15.0


class Shop:
    """Prometheus' view of one model, the bot, and its Slack."""

    def __init__(self, slack: Workspace, serve: process.Serve, monitor: alertmanagers.Alertmanager) -> None:
        self.slack, self.serve, self.monitor = slack, serve, monitor

    async def fires(self, feature: str) -> dict[str, Any]:
        """The monitor sees this feature drift, from now on."""
        alert = alertmanagers.labelled(
            "FeatureDriftPSIHigh",
            starts_at=datetime.now(UTC),
            annotations={"summary": f"PSI of {feature} on churn is 0.31 (threshold 0.2)"},
            environment="production",
            feature=feature,
            kind="drift",
            model="churn",
            severity="warning",
        )
        await self.monitor.push([alert])
        return alert

    async def ends(self, alert: dict[str, Any]) -> None:
        """The monitor sees that it is over."""
        await self.monitor.push([{**alert, "endsAt": (datetime.now(UTC) - timedelta(milliseconds=1)).isoformat()}])

    async def card(self, *words: str, number: int = 0) -> Message:
        """The nth card in the channel, as soon as it shows all of these words."""

        def shown() -> Message | None:
            cards = self.cards()
            if len(cards) <= number or not all(word in cards[number].shown for word in words):
                return None
            return cards[number]

        try:
            return await self.slack.until(shown, within=PATIENCE)  # type: ignore[return-value]
        except AssertionError:
            seen = "\n--\n".join(card.shown for card in self.cards())
            raise AssertionError(
                f"No card {number} with {words}. In the channel:\n{seen}\n{self.serve.written()}"
            ) from None

    def cards(self) -> list[Message]:
        """Every card in the channel, without what stands in their threads."""
        return [message for message in self.slack.messages(folder.CHANNEL) if not message.thread_ts]

    def pages(self) -> list[Message]:
        """Every page ada got."""
        return self.slack.dms("ada")

    async def counted(self, outcome: str) -> float:
        """How many alerts the bot has taken as `outcome`."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.serve.url}/metrics") as reply:
            text = await reply.text()
        wanted = {"connection": "prom", "outcome": outcome}
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "tocsin_alerts_total" and sample.labels == wanted
        )

    async def counts_more(self, outcome: str) -> None:
        """Returns when the bot has taken another alert as `outcome`."""
        before = await self.counted(outcome)

        async def more() -> bool:
            return await self.counted(outcome) > before

        await waiting.until(more, within=PATIENCE, what=f"another alert taken as {outcome}", every=0.1)


@asynccontextmanager
async def shop(home: Path, start: StartAlertmanager) -> AsyncIterator[Shop]:
    """Everything runs: Slack, the bot, and an Alertmanager that notifies it."""
    port = free_port()
    config = folder.write(home / "bot", port, models=["churn"])
    async with Workspace(people=folder.PEOPLE, channels=[folder.CHANNEL]) as slack:
        env = folder.env(f"sqlite:///{home / 'tocsin.db'}", slack.url, slack.bot_token, slack.app_token)
        async with process.Serve(config, port, env) as serve:
            monitor = await start(f"{serve.url}/alerts/prom", secret=folder.SECRET)
            yield Shop(slack, serve, monitor)
            assert await serve.stop() == 0, serve.written()


async def test_one_problem_from_its_first_alert_to_its_return(tmp_path: Path, alertmanager: StartAlertmanager) -> None:
    async with shop(tmp_path, alertmanager) as s:
        # Fire: one card in the channel, one page to the person at L1.
        age = await s.fires("age")
        card = await s.card("churn", "1 alert, firing")
        assert {"Acknowledge", "Escalate", "Resolve"} <= card.buttons.keys()
        (page,) = await s.slack.until(s.pages, within=PATIENCE)
        assert "Acknowledge" in page.buttons

        # Group: the second alert joins the incident; its card is edited, nobody is paged again.
        income = await s.fires("income")
        grouped = await s.card("2 of 2 alerts firing")
        assert grouped.ts == card.ts

        # Somebody answers, by the button of the page.
        assert (await s.slack.press(page, "Acknowledge", by="ada")).acked
        held = await s.card("Held by", "ACKNOWLEDGED")
        assert "Acknowledge" not in held.buttons
        await s.slack.until(lambda: "Acknowledge" not in s.pages()[0].buttons, within=PATIENCE)

        # Mixed resolve: the message still says firing, one of its alerts does not.
        await s.ends(age)
        await s.card("1 of 2 alerts firing", "ACKNOWLEDGED")

        # Repeat: Alertmanager tells again what is known; nothing opens, nobody is paged.
        await s.counts_more("repeat")
        assert len(s.cards()) == 1
        assert len(s.pages()) == 1

        # The last one ends: the incident is over, and says so.
        await s.ends(income)
        over = await s.card("RESOLVED")
        assert (over.ts, list(over.buttons)) == (card.ts, ["Postmortem", "More"])

        # Re-fire: a new episode is a new incident with a page of its own; the old card stays as it was.
        await s.fires("age")
        again = await s.card("1 alert, firing", number=1)
        assert "Acknowledge" in again.buttons
        await s.slack.until(lambda: len(s.pages()) == 2, within=PATIENCE)
        assert "RESOLVED" in (await s.card(number=0)).shown
        status, said = await s.serve.command("audit", "verify")
        assert status == 0, said


async def test_a_bot_that_was_away_is_told_again(tmp_path: Path, alertmanager: StartAlertmanager) -> None:
    """P1 seen from the sender: what the bot could not accept comes again, and is paged then."""
    async with shop(tmp_path, alertmanager) as s:
        s.serve.kill()
        await s.fires("age")
        heard = asyncio.Event()
        server = await asyncio.start_server(lambda _, writer: _hang_up(writer, heard), "127.0.0.1", s.serve.port)
        await asyncio.wait_for(heard.wait(), PATIENCE)  # Alertmanager has tried, in vain
        server.close()
        await server.wait_closed()
        s.serve.start()
        await s.serve.ready()
        await s.card("churn", "1 alert, firing")
        await s.slack.until(s.pages, within=PATIENCE)


def _hang_up(writer: asyncio.StreamWriter, heard: asyncio.Event) -> None:
    writer.close()
    heard.set()
