"""The configuration the stories are told over: six people, two teams, two models, a rota, a runbook of three tiers."""

import asyncio
import io
import logging
import textwrap
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from typer.testing import CliRunner

from bot import cli, registry
from bot.sandbox.workspace import Workspace
from bot.slack import validate
from bot.store import engines
from bot.testing.clock import FakeClock
from bot.testing.house import SECRET, House, workspace_env

START = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
#: Ada, Bo and Cy are the tiers; Eve is the fallback, Flo owns the runbook, Dee is of another entity, Guy of nowhere.
#: Whoever took an incident there is at it until the story ends: test_attend tells of those who forget.
PEOPLE = ("ada", "bo", "cy", "dee", "eve", "flo", "guy")
CHANNELS = ("#ml-oncall", "#ml-retail")

FILES = {
    "config/tocsin.yaml": """\
        database: ${DATABASE_URL}
        slack: {mode: socket, channel: "#ml-oncall"}
        web: {port: 0}
        connections:
          - {name: hook, plugin: webhook, secret: "${PROM_SECRET}"}
          - {name: prom, plugin: alertmanager, secret: "${PROM_SECRET}"}
        """,
    "config/people.yaml": """\
        people:
          - {name: ada, slack: U01ADA}
          - {name: bo, slack: U01BO}
          - {name: cy, slack: U01CY}
          - {name: dee, slack: U01DEE}
          - {name: eve, slack: U01EVE}
          - {name: flo, slack: U01FLO}
        teams:
          - {name: churn-ml, entity: retail, members: [ada, bo], lead: cy}
          - {name: price-ml, entity: market, members: [dee]}
        """,
    "config/estate.yaml": """\
        entities:
          - {name: retail}
          - {name: market}
        models:
          - {name: churn, kind: model, entity: retail, team: churn-ml}
          - {name: price, kind: model, entity: market, team: price-ml}
        """,
    "config/rotas.yaml": """\
        rotas:
          - {name: first-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}
        """,
    "runbooks/anything.md": """\
        ---
        title: Something is wrong with a model
        owner: person:flo
        review_by: 2099-01-01
        match: {}
        severity:
          - {is: sev1, if: ["drift.share >= 0.5"]}
          - {is: sev2}
        tiers:
          L1: {page: "rota:first-line", answer_within: 10m}
          L2: {page: "person:bo", answer_within: 15m}
          L3: {page: "lead:churn-ml", answer_within: 30m}
        start: {sev1: L1, sev2: L1}
        repeats: 1
        remind: off
        fallback: person:eve
        ---
        ## Check first
        1. What changed last?
        """,
}


@dataclass
class Place:
    """A configuration folder, a database, a workspace and the time: everything that outlives one run of the bot."""

    home: Path
    workspace: Workspace
    clock: FakeClock
    database: str
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, text in FILES.items():
            self.write(name, text)
        self.env |= {"DATABASE_URL": self.database, "PROM_SECRET": SECRET}

    def write(self, name: str, text: str) -> None:
        """A whole file, anew."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """One passage of a file, which must be there."""
        path = self.home / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    @asynccontextmanager
    async def house(self, *, http: bool = False, plugins: registry.Found | None = None) -> AsyncIterator[House]:
        """The bot runs over this place; at the end its log is whole, and what everybody saw was whole, too."""
        run = House.open(
            self.home / "config", clock=self.clock, env=self.env, workspace=self.workspace, http=http, plugins=plugins
        )
        async with run as house:
            yield house
            assert await house.whole()
        assert self.faulty() == []
        assert self.twice() == []
        assert self.workspace.failures == []  # a press or command without its ack

    def sql(self, statement: str) -> None:
        """Somebody's hand in the database, past the bot."""
        engine = engines.create(self.database)
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def twice(self) -> list[str]:
        """What was posted more than once to one conversation: each page, card and notice has a key of its own."""
        posts = [change.message for change in self.workspace.journal if change.kind == "post"]
        keys = Counter(f"{one.channel} {one.metadata['event_payload']['key']}" for one in posts if one and one.metadata)
        return [key for key, count in keys.items() if count > 1]

    async def typed(self, *words: str) -> tuple[int, str]:
        """A command in a terminal beside the running bot: its exit status and what it printed."""
        env = {**self.env, **workspace_env(self.workspace), "TOCSIN_CONFIG": str(self.home / "config")}
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        result = await asyncio.to_thread(CliRunner(env=env).invoke, cli.app, list(words))
        root.handlers[:] = handlers  # a command sends the log to its own standard error, which ends with it
        root.setLevel(level)
        return result.exit_code, result.output

    def faulty(self) -> list[Any]:
        """What Slack would refuse of everything the bot ever showed."""
        shown = [change.message for change in self.workspace.journal if change.message is not None]
        ours = [message for message in shown if message.user == self.workspace.bot_user]
        return [
            fault
            for message in ours
            for fault in validate.validate({"text": message.text, "blocks": message.blocks}, "message")
        ]

    def after(self, **span: float) -> datetime:
        """The instant so long after the story began."""
        return START + timedelta(**span)


@dataclass(frozen=True)
class Answer:
    """What the HTTP door said."""

    status: int
    body: Any  #: the JSON, or the text where it is none
    headers: Mapping[str, str]


async def send(house: House, path: str, body: object = None, *, method: str = "POST", **options: Any) -> Answer:
    """One request over real HTTP, with the right secret unless `headers` say otherwise; `body` bytes or JSON."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    raw = orjson.dumps(body) if isinstance(body, dict | list) else body
    raw = io.BytesIO(raw) if isinstance(raw, bytes) else raw
    call = aiohttp.request(method, f"{house.url}{path}", **{"headers": headers, "data": raw, **options})
    async with call as reply:
        text = await reply.text()
        said = orjson.loads(text) if reply.content_type == "application/json" else text
        return Answer(reply.status, said, reply.headers)


def alertmanager(*alerts: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A body of webhook v4 as Alertmanager posts it."""
    group = {"groupKey": "{}:{}", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}}
    whole = {"version": "4", "receiver": "tocsin", "status": "firing", "truncatedAlerts": 0, "externalURL": "http://am"}
    return {**whole, **group, "alerts": list(alerts), **more}


def labelled(feature: str, *, status: str = "firing", start: datetime = START, **more: Any) -> dict[str, Any]:
    """One alert of such a body: a feature of churn that drifts since `start`."""
    labels = {"alertname": "FeatureDrift", "kind": "drift", "model": "churn", "environment": "production"}
    ended = more.pop("end", None)
    return {
        "status": status,
        "labels": {**labels, "feature": feature, **more},
        "annotations": {"summary": f"{feature} drifted"},
        "startsAt": start.isoformat(),
        "endsAt": ended.isoformat() if ended else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com/graph",
    }
