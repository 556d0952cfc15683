"""Reads any JSON by the connection's mapping."""

import sys
from datetime import datetime
from typing import Any

from bot.contract import (
    Alert,
    Check,
    Context,
    Delivery,
    Kind,
    Measure,
    Request,
    Status,
    Unreadable,
    guess,
    mapping,
    proof,
    reading,
)
from bot.contract.mapping import Reader
from plugins.webhook.settings import WebhookSettings


class Webhook:
    """The source part; pure, and safe to call from several threads."""

    def __init__(self, settings: WebhookSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._fields = settings.fields
        self._connection = context.connection

    def authenticate(self, request: Request) -> None:
        """The signature where one is configured, otherwise Bearer, Basic or X-Tocsin-Secret."""
        signed, secret = self._settings.signature, self._settings.secret
        if signed is not None and secret is not None:
            proof.signature(request, secret, signed.header, signed.prefix)
        else:
            proof.secret(request, secret)

    async def check(self) -> list[Check]:
        """One row: whether senders must know a secret."""
        return [proof.check(self._settings.secret)]

    def parse(self, request: Request) -> Delivery:
        """The alerts at `alerts`, each read by `fields`; one without an identity is left out and named in `skipped`."""
        body = reading.loads(request.body)
        messages = self._messages(body)
        skipped: list[str] = []
        alerts: list[Alert] = []
        for place, one in enumerate(messages):
            if problem := self._problem(one, body):
                alerts.append(self._alert(one, body, problem, request.received_at, skipped))
            else:
                skipped.append(f"Alert {place + 1} has no identity: nothing at {self._fields.problem}.")
        if messages and not alerts:
            raise Unreadable(
                f"The alert has no identity: nothing at {self._fields.problem}.",
                "Map `problem` to what stays the same while the problem lasts, and differs from every other problem.",
            )
        delivery = self._settings.delivery
        return Delivery(
            alerts=tuple(alerts),
            id=reading.text(delivery.find(body, body), reading.NAME) if delivery else None,
            skipped=tuple(dict.fromkeys(skipped)),
        )

    def _messages(self, body: Any) -> list[dict[str, Any]]:
        where = self._settings.alerts
        found = where.find(body, body) if where else body
        if where is None and isinstance(body, dict) and isinstance(body.get("alerts"), list):
            found = body["alerts"]
        messages = found if isinstance(found, list) else [found]
        if not all(isinstance(one, dict) for one in messages):
            raise Unreadable(
                f"At {where.text if where else '$'} there is no object and no list of objects.",
                "Point the connection's `alerts` at the list of alerts in the body.",
            )
        return messages

    def _problem(self, one: dict[str, Any], body: Any) -> str:
        # Never cut here: two long identities may differ at their ends only.
        return (reading.text(self._fields.problem.find(one, body), sys.maxsize) or "").strip()

    def _alert(self, one: dict[str, Any], body: Any, problem: str, now: datetime, skipped: list[str]) -> Alert:
        fields, settings = self._fields, self._settings
        read = Reader(one, body)
        measures = read.measures(fields.measures)
        title = read.words(fields.title, reading.TITLE) or problem[: reading.TITLE]
        status = self._status(read.words(fields.status), skipped)
        started = read.instant(fields.started_at)
        labels, left_out = read.labels(fields.labels)
        if left_out:
            skipped.append(left_out)
        return Alert(
            source="webhook",
            connection=self._connection,
            problem=reading.identity(self._connection, problem),
            title=title,
            status=status,
            kind=self._kind(read.words(fields.kind), title, measures),
            started_at=started or now,
            started_inferred=started is None,
            ended_at=read.instant(fields.ended_at) if status is Status.RESOLVED else None,
            evaluated_at=read.instant(fields.evaluated_at),
            model=read.words(fields.model) or settings.model,
            version=read.words(fields.version),
            environment=read.words(fields.environment) or settings.environment,
            entity=read.words(fields.entity) or settings.entity,
            severity=(read.words(fields.severity) or "").lower() or None,
            summary=read.words(fields.summary, reading.SUMMARY) or "",
            measures=measures,
            labels=labels,
            links=read.links(fields.links),
        )

    def _status(self, said: str | None, skipped: list[str]) -> Status:
        """Firing where nothing is said: a sender that only speaks of trouble names no status."""
        if said is None:
            return Status.FIRING
        status = mapping.status(said, self._settings.status_map)
        if status is None:
            word = said.strip().lower()[:40]
            skipped.append(f"The status {word!r} is not in status_map, so it was taken as firing.")
        return status or Status.FIRING

    def _kind(self, said: str | None, title: str, measures: tuple[Measure, ...]) -> Kind:
        if said and (kind := self._settings.kind_map.get(said.strip().lower()) or guess.named(said)):
            return kind
        return guess.kind(said or "", title, measures[0].metric if measures else "") or Kind.FAILURE
