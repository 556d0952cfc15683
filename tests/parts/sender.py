"""Sends alerts as Alertmanager does: the same delivery again until there is a 2xx."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.parts import folder

PAUSE = 0.05  #: seconds between two deliveries, and before one is tried again


@dataclass(frozen=True)
class Delivery:
    """A body of webhook v4 about one model, with as many alerts as `features`."""

    model: str
    features: tuple[str, ...]
    started: datetime

    def body(self) -> dict[str, Any]:
        """What is posted; the same at every attempt."""
        return {
            "version": "4",
            "receiver": "tocsin",
            "status": "firing",
            "alerts": [self._alert(feature) for feature in self.features],
            "groupKey": f'{{}}:{{model="{self.model}"}}',
            "groupLabels": {"model": self.model},
            "commonLabels": {"model": self.model},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example.com",
            "truncatedAlerts": 0,
        }

    def _alert(self, feature: str) -> dict[str, Any]:
        labels = {"alertname": "FeatureDrift", "environment": "production", "kind": "drift"}
        return {
            "status": "firing",
            "labels": {**labels, "model": self.model, "feature": feature},
            "annotations": {"summary": f"{feature} of {self.model} drifted"},
            "startsAt": self.started.isoformat(),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.com/graph",
        }


def two_for_each_model() -> Iterator[Delivery]:
    """Deliveries without end: each model is told of twice, one new alert and one known in the second."""
    number = 0
    while True:
        started = datetime.now(UTC)
        yield Delivery(f"model-{number:04d}", ("age", "income"), started)
        yield Delivery(f"model-{number:04d}", ("income", "tenure"), started)
        number += 1


@dataclass
class Sender:
    """Posts deliveries one after the other until it is told to stop; what got its 2xx is `accepted`."""

    url: str
    accepted: list[Delivery] = field(default_factory=list)
    attempts: int = 0
    unkind: list[str] = field(default_factory=list)  #: answers that no delivery of ours may get
    _stopping: bool = False

    async def run(self) -> None:
        """Send; returns when the last delivery that was begun has been accepted."""
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {folder.SECRET}"}, timeout=timeout) as http:
            for delivery in two_for_each_model():
                while not await self._once(http, delivery):
                    await asyncio.sleep(PAUSE)
                self.accepted.append(delivery)
                if self._stopping:
                    return
                await asyncio.sleep(PAUSE)

    def stop(self) -> None:
        """The delivery under way is the last one."""
        self._stopping = True

    async def _once(self, http: aiohttp.ClientSession, delivery: Delivery) -> bool:
        self.attempts += 1
        try:
            async with http.post(f"{self.url}/alerts/prom", json=delivery.body()) as reply:
                if reply.status not in (202, 503):
                    self.unkind.append(f"{reply.status} {(await reply.text())[:500]}")
                return reply.status // 100 == 2
        except (aiohttp.ClientError, TimeoutError):
            return False  # it was killed, or is not there yet: no answer is no acceptance
