"""Reads Alertmanager's webhook, version 4, and what Prometheus itself posts: many alerts, each with its own status."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from bot.contract import (
    Alert,
    Answer,
    Check,
    Context,
    Delivery,
    Kind,
    Measure,
    Place,
    Request,
    Status,
    Taken,
    TocsinError,
    Unreadable,
    guess,
    proof,
    reading,
)
from plugins.alertmanager import expression, fingerprint, layout, replies
from plugins.alertmanager.settings import AlertmanagerSettings

_STATUS = {
    "firing": Status.FIRING,
    "alerting": Status.FIRING,
    "resolved": Status.RESOLVED,
    "ok": Status.RESOLVED,
    "no_data": Status.NO_DATA,
    "nodata": Status.NO_DATA,
}
_KEPT = 2000  # characters of a text that may stay in a cache
_NO_RULE = expression.Rule()
_CURE = "Use the default body of Alertmanager's webhook_configs, without `payload`; or read yours with plugin: webhook."


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around an alert: the status of its message, when it came, how long it counts if it does not say."""

    status: object
    now: datetime
    counts: timedelta | None = None


class Alertmanager:
    """The source part; pure, and safe to call from several threads."""

    places: ClassVar[tuple[Place, ...]] = (Place("POST", "/api/v2/alerts"),)

    once = True  #: Alertmanager tells of a change, and of what has not changed hours later

    def __init__(self, settings: AlertmanagerSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._connection = context.connection
        self._layout = lru_cache(1024)(lambda labels, notes: layout.of(labels, notes, settings))

    def authenticate(self, request: Request) -> None:
        """Bearer, Basic (any user) or X-Tocsin-Secret; without a configured secret anybody may post."""
        proof.secret(request, self._settings.secret)

    async def check(self) -> list[Check]:
        """One row: whether senders must know a secret."""
        return [proof.check(self._settings.secret)]

    def mine(self, request: Request) -> bool:
        """Whether it carries this connection's secret; without one configured, whether it carries none at all."""
        secret = self._settings.secret
        return not proof.shown(request) if secret is None else proof.carries(request, secret)

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """As Alertmanager answers."""
        return replies.answer(outcome)

    def parse(self, request: Request) -> Delivery:
        """The alerts of one delivery; what cannot be read among others is named in `skipped`."""
        body = reading.loads(request.body)
        if isinstance(body, list):
            return self._posted(body, request.received_at)
        return self._notified(body, request.received_at)

    def _posted(self, given: list[Any], now: datetime) -> Delivery:
        """What Prometheus posts: it goes on sending what fires, each time with until when that counts."""
        around = _Around(None, now, self._settings.resolve_timeout)
        alerts: list[Alert] = []
        refused: list[str] = []
        for one in given:
            labels = one.get("labels") if isinstance(one, dict) else None
            named = {name: value for name, value in labels.items() if value != ""} if isinstance(labels, dict) else {}
            if not named:
                refused.append(replies.NO_LABELS)
                continue
            started, ended = reading.instant(one.get("startsAt")), reading.instant(one.get("endsAt"))
            if started and ended and started > ended:
                refused.append(replies.BACKWARDS)
                continue
            if alert := self._alert({**one, "labels": named, "fingerprint": None, "status": None}, around, []):
                alerts.append(alert)
            else:
                refused.append(replies.NO_LABELS)
        if refused and not alerts:
            raise Unreadable("; ".join(dict.fromkeys(refused)))
        return Delivery(alerts=tuple(alerts), skipped=tuple(dict.fromkeys(refused)))

    def _notified(self, body: Any, now: datetime) -> Delivery:
        given = body.get("alerts") if isinstance(body, dict) else None
        if not isinstance(given, list):
            raise Unreadable(f"This is no Alertmanager message: it has no list `alerts`{_said(body)}.", _CURE)
        around = _Around(body.get("status"), now)
        alerts: list[Alert] = []
        skipped: list[str] = []
        for place, one in enumerate(given):
            alert = self._alert(one, around, skipped) if isinstance(one, dict) else None
            if alert is None:
                skipped.append(f"alerts[{place}] has neither labels nor a fingerprint, so it has no identity.")
            else:
                alerts.append(alert)
        if given and not alerts:
            raise Unreadable(f"None of the {len(given)} alerts has labels or a fingerprint.", _CURE)
        truncated = reading.number(body.get("truncatedAlerts"))
        if truncated and truncated > 0:
            skipped.append(f"The sender cut off {truncated:.0f} alerts: raise max_alerts in its webhook_configs.")
        return Delivery(alerts=tuple(alerts), skipped=tuple(dict.fromkeys(skipped)))

    def _alert(self, one: dict[str, Any], around: _Around, skipped: list[str]) -> Alert | None:
        labels, left_out = reading.labels(one.get("labels"))
        identity = one.get("fingerprint")
        if type(identity) is not str or not identity.strip():
            if not labels:
                return None
            identity = fingerprint.of(labels)
        if left_out:
            skipped.append(left_out)
        notes = one.get("annotations")
        if not isinstance(notes, dict):
            notes = {}
        # What is kept for the next alert stays small, whatever a sender makes up.
        lay_out = self._layout if len("".join(notes)) <= _KEPT else self._layout.__wrapped__
        laid = lay_out(tuple(labels), tuple(notes))
        generator = one.get("generatorURL")
        rule = expression.of(generator) if type(generator) is str and len(generator) <= _KEPT else _NO_RULE
        title = labels.get("alertname") or reading.text(notes.get("summary"), reading.TITLE) or f"Alert {identity}"
        started = reading.instant(one.get("startsAt"))
        ended = reading.instant(one.get("endsAt"))
        now, counts = around.now, around.counts
        status = _status(one.get("status"), around.status, ended, now)
        return Alert(
            source="alertmanager",
            connection=self._connection,
            problem=reading.identity(self._connection, identity),
            title=title if len(title) <= reading.TITLE else f"{title[: reading.TITLE - 1]}…",
            status=status,
            kind=_kind(labels, laid, title, rule.metric),
            started_at=started or now,
            started_inferred=started is None,
            ended_at=ended if status is Status.RESOLVED else None,
            until=(ended or now + counts) if counts is not None and status is Status.FIRING else None,
            model=labels.get(laid.model) or self._settings.model,
            version=labels.get(laid.version),
            environment=labels.get(laid.environment) or self._settings.environment,
            entity=labels.get(laid.entity) or self._settings.entity,
            severity=labels.get(laid.severity, "").lower() or None,
            summary=_summary(notes, laid),
            measures=_measures(rule, labels, notes, laid),
            labels=labels,
            links=_links(one, generator, notes, laid),
        )


def _said(body: object) -> str:
    version = reading.text(body.get("version"), 20) if isinstance(body, dict) else None
    return f" (version {version})" if version else ""


def _status(own: object, whole: object, ended: datetime | None, now: datetime) -> Status:
    """The alert's own status; the message's says only that something in it fires."""
    if type(own) is str:
        return _STATUS.get(own) or _STATUS.get(own.lower(), Status.FIRING)
    if ended is not None:
        return Status.RESOLVED if ended <= now else Status.FIRING
    return _STATUS.get(whole.lower(), Status.FIRING) if isinstance(whole, str) else Status.FIRING


def _kind(labels: dict[str, str], laid: layout.Layout, title: str, metric: str | None) -> Kind:
    for name in laid.kinds:
        if kind := guess.named(labels[name]):
            return kind
    return guess.kind(title, metric or "") or Kind.FAILURE


def _summary(notes: dict[str, Any], laid: layout.Layout) -> str:
    if len(laid.summary) == 1:
        return reading.text(notes[laid.summary[0]], reading.SUMMARY) or ""
    said = [words for name in laid.summary if (words := reading.text(notes[name], reading.SUMMARY))]
    return "\n".join(dict.fromkeys(said))[: reading.SUMMARY]


def _measures(
    rule: expression.Rule, labels: dict[str, str], notes: dict[str, Any], laid: layout.Layout
) -> tuple[Measure, ...]:
    """The one number of the rule; its metric is the alert's own name where the rule compares more than one."""
    value = reading.number(notes.get("value"))
    metric = rule.metric or (labels.get("alertname") if value is not None else None)
    if metric is None:
        return ()
    feature, segment = labels.get(laid.feature), labels.get(laid.segment)
    if not laid.more_numbers:
        return (Measure(metric, value, rule.threshold, rule.op, window=rule.window, feature=feature, segment=segment),)
    sample = reading.number(notes.get("sample_size"))
    return (
        Measure(
            metric,
            value,
            reading.number(notes.get("threshold")) if rule.threshold is None else rule.threshold,
            rule.op,
            baseline=reading.number(notes.get("baseline")),
            sample_size=int(sample) if sample is not None and 0 <= sample < 2**53 else None,
            window=rule.window,
            feature=feature,
            segment=segment,
        ),
    )


def _links(one: dict[str, Any], generator: object, notes: dict[str, Any], laid: layout.Layout) -> tuple[str, ...]:
    given = [generator, *map(notes.get, laid.links)]
    if "dashboardURL" in one or "panelURL" in one:
        given += [one.get("dashboardURL"), one.get("panelURL")]
    return _plain(*[link for link in given if type(link) is str and len(link) <= _KEPT])


@lru_cache(1024)
def _plain(*given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link for one in given if (link := reading.link(one))))
