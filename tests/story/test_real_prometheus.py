"""A real Prometheus whose alerting points straight at the bot: it fires, goes on firing, and resolves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox.workspace import Message, Workspace
from tests.parts import Missing, folder, free_port, process, waiting
from tests.parts import prometheus as monitors
from tests.parts.prometheus import Prometheus, Rule

pytestmark = [pytest.mark.prometheus, pytest.mark.slow]

PATIENCE = 30.0
DRIFT = Rule(
    "FeatureDriftPSIHigh",
    "vector(0.31) > 0.2",
    {"kind": "drift", "model": "churn", "environment": "production", "severity": "warning"},
    {"summary": "PSI of tenure on churn is {{ $value }}", "value": "{{ $value }}"},
)
OVER = replace(DRIFT, expr="vector(0.1) > 0.2")


class Shop:
    """Prometheus, the bot, and its Slack."""

    def __init__(self, slack: Workspace, serve: process.Serve, prometheus: Prometheus) -> None:
        self.slack, self.serve, self.prometheus = slack, serve, prometheus

    async def card(self, *words: str) -> Message:
        """The one card in the channel, as soon as it shows all of these words."""

        def shown() -> Message | None:
            cards = [message for message in self.slack.messages(folder.CHANNEL) if not message.thread_ts]
            return next((card for card in cards if all(word in card.shown for word in words)), None)

        try:
            return await self.slack.until(shown, within=PATIENCE)  # type: ignore[arg-type]
        except AssertionError:
            seen = "\n--\n".join(message.shown for message in self.slack.messages(folder.CHANNEL))
            written = f"{self.serve.written()}\n{self.prometheus.written()}"
            raise AssertionError(f"No card with {words}. In the channel:\n{seen}\n{written}") from None

    async def incident(self) -> dict[str, object]:
        """INC-1, as the command line shows it."""
        found: dict[str, object] = (await self.serve.asked("incident", "show", "INC-1"))["incident"]
        return found


@asynccontextmanager
async def shop(home: Path) -> AsyncIterator[Shop]:
    """Everything runs but Prometheus, which knows where to post."""
    port = free_port()
    config = folder.write(home / "bot", port, models=["churn"])
    async with Workspace(people=folder.PEOPLE, channels=[folder.CHANNEL]) as slack:
        env = folder.env(f"sqlite:///{home / 'tocsin.db'}", slack.url, slack.bot_token, slack.app_token)
        async with (
            process.Serve(config, port, env) as serve,
            Prometheus(home / "prometheus", f"127.0.0.1:{port}", secret=folder.SECRET) as prometheus,
        ):
            yield Shop(slack, serve, prometheus)


@pytest.fixture(autouse=True)
def _there() -> None:
    try:
        monitors.program()
    except Missing as missing:
        pytest.skip(str(missing))


async def test_prometheus_points_straight_at_the_bot(tmp_path: Path) -> None:
    async with shop(tmp_path) as place:
        await place.prometheus.start([DRIFT])
        card = await place.card("FeatureDriftPSIHigh", "churn", "0.31 (threshold > 0.2)")
        pages = await place.slack.until(lambda: place.slack.dms("ada"), within=PATIENCE)
        assert len(pages) == 1
        assert card.shown

        async def repeated() -> bool:
            return int(str((await place.incident())["repeats"])) >= 2

        await waiting.until(repeated, within=PATIENCE, what="Prometheus' repeats being counted", every=0.3)
        found = await place.incident()
        assert (found["alerts_total"], found["alerts_firing"]) == (1, 1)
        await place.prometheus.again([OVER])

        async def over() -> bool:
            return (await place.incident())["phase"] == "resolved"

        await waiting.until(over, within=PATIENCE, what="Prometheus' resolve", every=0.3)
        await asyncio.gather(place.prometheus.stop(), place.serve.stop())
        assert len(place.slack.dms("ada")) == 1
