"""kill -9 around a change of shift: it is handed over once, the outgoing are kept once, and the team reads it once."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.engine import handover_course
from bot.model.handover import Handover, Standing
from bot.model.rota import Override
from bot.sandbox.workspace import Limits, Workspace
from bot.store import Store, handovers, jobs, log, overrides
from tests.parts import folder, free_port, process, waiting

pytestmark = [pytest.mark.crash, pytest.mark.slow]

ROTAS = """\
rotas:
  - name: first-line
    owner: churn-ml
    timezone: UTC
    layers:
      - {{name: daily, start: "{start}", every: 1 day, members: [ada, bo]}}
"""
POINTS = ("after_claim:1", "before_settle:1", "before_settle:2", "before_settle:4")


async def look(database: str) -> tuple[list[Handover], list[Override], list[str]]:
    """The handovers, who is kept on call, and the kinds of the entries about the first."""
    now = SystemClock().now()
    store = await Store.open(database, clock=SystemClock(), migrate=False)
    try:
        return await store.read(
            lambda tx: (
                handovers.listing(tx),
                overrides.active(tx, now, now + timedelta(hours=1)),
                [each.entry.kind for each in log.of(tx.sql, "HND-1")],
            )
        )
    finally:
        await store.close()


async def test_killed_around_the_change_it_is_handed_over_once(tmp_path: Path, database_url: str) -> None:
    port, clock = free_port(), SystemClock()
    config = folder.write(tmp_path / "bot", port)
    at = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    start = (at - timedelta(days=10)).strftime("%Y-%m-%d %H:%M")
    (config / "rotas.yaml").write_text(ROTAS.format(start=start), "utf-8")
    store = await Store.open(database_url, clock=clock)
    bell = handover_course.bell("first-line", at, handover_course.POST, at)
    await store.write(lambda tx: jobs.put_once(tx, bell))
    await store.close()
    async with Workspace(people=folder.PEOPLE, channels=[folder.CHANNEL], limits=Limits.off()) as slack:
        env = folder.env(database_url, slack.url, slack.bot_token, slack.app_token)
        serve = process.Serve(config, port, env)
        try:
            for point in POINTS:
                serve.start(crash_at=point)
                await serve.died(within=8)
                serve.kill()
            serve.start()
            await serve.ready()

            async def posted() -> bool:
                return bool(slack.messages(folder.CHANNEL))

            await waiting.until(posted, within=30, what="the handover in the channel", every=0.1)
            assert await serve.stop() == 0, serve.written()
            found, kept, kinds = await look(database_url)
            assert [(one.id, one.standing, one.incoming) for one in found] == [("HND-1", Standing.POSTED, ("ada",))]
            assert [(one.id, one.person) for one in kept] == [(found[0].cover, "bo")]
            assert kinds == ["handover.posted"]
            keys = [one.metadata["event_payload"]["key"] for one in slack.messages(folder.CHANNEL) if one.metadata]
            assert len(keys) == len(set(keys))
        finally:
            serve.kill()
