"""Reads any JSON by the connection's mapping."""

import sys
from collections.abc import Iterator
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
    proof,
    reading,
)
from plugins.webhook.pick import Pick
from plugins.webhook.settings import MeasureFields, WebhookSettings

_STATUS = {
    **dict.fromkeys(
        ("firing", "alarm", "alert", "alerting", "triggered", "trigger", "open", "opened", "active", "critical",
         "warning", "error", "failed", "failure", "bad", "breached", "true", "1"),
        Status.FIRING,
    ),
    **dict.fromkeys(
        ("resolved", "resolve", "ok", "closed", "close", "normal", "recovered", "cleared", "passed", "success", "good",
         "false", "0"),
        Status.RESOLVED,
    ),
    **dict.fromkeys(("no_data", "nodata", "no data", "insufficient_data", "unknown"), Status.NO_DATA),
}  # fmt: skip
_OPS = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "==", "=": "==", "!=": "!=", "gt": ">", "gte": ">=",
        "ge": ">=", "lt": "<", "lte": "<=", "le": "<=", "eq": "==", "ne": "!="}  # fmt: skip
_MEASURES, _LINKS = 200, 20  # of one alert


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

        def words(pick: Pick | None, limit: int = reading.NAME) -> str | None:
            return reading.text(pick.find(one, body), limit) if pick else None

        measures = tuple(self._measures(one, body))[:_MEASURES]
        title = words(fields.title, reading.TITLE) or problem[: reading.TITLE]
        status = self._status(words(fields.status), skipped)
        started = reading.instant(fields.started_at.find(one, body)) if fields.started_at else None
        ended = reading.instant(fields.ended_at.find(one, body)) if fields.ended_at else None
        labels, left_out = reading.labels(fields.labels.find(one, body) if fields.labels else None)
        if left_out:
            skipped.append(left_out)
        return Alert(
            source="webhook",
            connection=self._connection,
            problem=reading.identity(self._connection, problem),
            title=title,
            status=status,
            kind=self._kind(words(fields.kind), title, measures),
            started_at=started or now,
            started_inferred=started is None,
            ended_at=ended if status is Status.RESOLVED else None,
            model=words(fields.model) or settings.model,
            version=words(fields.version),
            environment=words(fields.environment) or settings.environment,
            entity=words(fields.entity) or settings.entity,
            severity=(words(fields.severity) or "").lower() or None,
            summary=words(fields.summary, reading.SUMMARY) or "",
            measures=measures,
            labels=labels,
            links=tuple(dict.fromkeys(self._links(one, body)))[:_LINKS],
        )

    def _status(self, said: str | None, skipped: list[str]) -> Status:
        """Firing where nothing is said: a sender that only speaks of trouble names no status."""
        if said is None:
            return Status.FIRING
        word = said.strip().lower()
        status = self._settings.status_map.get(word) or _STATUS.get(word)
        if status is None:
            skipped.append(f"The status {word[:40]!r} is not in status_map, so it was taken as firing.")
        return status or Status.FIRING

    def _kind(self, said: str | None, title: str, measures: tuple[Measure, ...]) -> Kind:
        if said and (kind := self._settings.kind_map.get(said.strip().lower()) or guess.named(said)):
            return kind
        return guess.kind(said or "", title, measures[0].metric if measures else "") or Kind.FAILURE

    def _measures(self, one: dict[str, Any], body: Any) -> Iterator[Measure]:
        for fields in self._fields.measures:
            listed = fields.each.find(one, body) if fields.each else [one]
            for element in listed if isinstance(listed, list) else []:
                measure = _measure(fields, element, body)
                if measure is not None:
                    yield measure

    def _links(self, one: dict[str, Any], body: Any) -> Iterator[str]:
        for pick in self._fields.links:
            found = pick.find(one, body)
            for link in found if isinstance(found, list) else [found]:
                if plain := reading.link(link):
                    yield plain


def _measure(fields: MeasureFields, one: Any, body: Any) -> Measure | None:
    """The measure in one element, or None when it names no metric."""

    def words(pick: Pick | None) -> str | None:
        return reading.text(pick.find(one, body), reading.NAME) if pick else None

    def number(pick: Pick | None) -> float | None:
        return reading.number(pick.find(one, body)) if pick else None

    metric = words(fields.metric)
    if metric is None:
        return None
    sample = number(fields.sample_size)
    return Measure(
        metric=metric,
        value=number(fields.value),
        threshold=number(fields.threshold),
        op=_OPS.get((words(fields.op) or "").strip().lower()),
        baseline=number(fields.baseline),
        sample_size=int(sample) if sample is not None and 0 <= sample < 2**53 else None,
        window=words(fields.window),
        feature=words(fields.feature),
        segment=words(fields.segment),
    )
