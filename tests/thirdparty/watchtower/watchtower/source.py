"""Reads Watchtower's batches, at /alerts/CONNECTION and at the address its agents have built in."""

from typing import Any, ClassVar

import orjson

from bot.contract import (
    Alert,
    Answer,
    Check,
    Context,
    Delivery,
    Kind,
    Measure,
    NotAuthentic,
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
from watchtower.settings import WatchtowerSettings

HEADER = "X-Watchtower-Signature"
_STATES = {"open": Status.FIRING, "closed": Status.RESOLVED, "blind": Status.NO_DATA}


class Watchtower:
    """The source part."""

    places: ClassVar[tuple[Place, ...]] = (Place("POST", "/watchtower/v1/{site}/batches", limit=65_536),)

    def __init__(self, settings: WatchtowerSettings, context: Context) -> None:
        """Nothing is opened."""
        self._settings = settings
        self._connection = context.connection

    def authenticate(self, request: Request) -> None:
        """The body is signed with the connection's secret."""
        if self._settings.secret is None:
            raise NotAuthentic("This connection has no key.", "Set its `secret`.")
        proof.signature(request, self._settings.secret, HEADER, "sha256=")

    def mine(self, request: Request) -> bool:
        """Of this site, and signed with this key."""
        try:
            self.authenticate(request)
        except NotAuthentic:
            return False
        return True

    def parse(self, request: Request) -> Delivery:
        """An alert for each finding."""
        body = reading.loads(request.body)
        findings = body.get("findings") if isinstance(body, dict) else None
        if not isinstance(findings, list):
            raise Unreadable("This is no batch of Watchtower's: it has no list `findings`.", "Send version 1.")
        skipped: list[str] = []
        alerts = [alert for one in findings if (alert := self._alert(one, request, skipped)) is not None]
        if findings and not alerts and not any("below" in why for why in skipped):
            raise Unreadable(f"None of the {len(findings)} findings has a rule and a state.", "Send version 1.")
        return Delivery(tuple(alerts), id=reading.text(body.get("batch"), reading.NAME), skipped=tuple(skipped))

    async def check(self) -> list[Check]:
        """One row: the key."""
        return [proof.check(self._settings.secret)]

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """As Watchtower's own collector: a word and a number."""
        if isinstance(outcome, Taken):
            return Answer(200, orjson.dumps({"status": "unread" if outcome.letter else "taken", "open": outcome.new}))
        status = 401 if isinstance(outcome, NotAuthentic) else 503 if outcome.retry else 422
        if not isinstance(outcome, NotAuthentic) and type(outcome).__name__ in ("PluginFault", "Conflict"):
            status = 503
        return Answer(status, orjson.dumps({"status": "refused", "why": outcome.what}))

    def _alert(self, one: Any, request: Request, skipped: list[str]) -> Alert | None:
        rule = reading.text(one.get("rule"), reading.TITLE) if isinstance(one, dict) else None
        state = _STATES.get(one.get("state")) if isinstance(one, dict) and isinstance(one.get("state"), str) else None
        if rule is None or not rule.strip() or state is None:
            skipped.append("A finding without a rule or a state was left out.")
            return None
        value = reading.number(one.get("value"))
        if value is not None and abs(value) < self._settings.least and state is Status.FIRING:
            skipped.append(f"{rule[:60]} lies below {self._settings.least:g}.")
            return None
        model = reading.text(one.get("model"), reading.NAME) or self._settings.model
        started = reading.instant(one.get("since"))
        metric = reading.text(one.get("metric"), reading.NAME)
        return Alert(
            source="watchtower",
            connection=self._connection,
            problem=reading.identity(self._connection, orjson.dumps([self._settings.site, model, rule]).decode()),
            title=rule,
            status=state,
            kind=guess.kind(rule, metric or "") or Kind.FAILURE,
            started_at=started or request.received_at,
            started_inferred=started is None,
            model=model,
            environment=self._settings.environment,
            entity=self._settings.entity,
            measures=(Measure(metric, value, reading.number(one.get("limit"))),) if metric else (),
            links=tuple(link for link in (reading.link(one.get("page")),) if link),
        )
