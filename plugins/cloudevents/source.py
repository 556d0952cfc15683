"""Turns CloudEvents into alerts by the connection's rules, and answers their senders."""

import hashlib
import re
import sys
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import orjson

from bot.contract import (
    Alert,
    Answer,
    BadInput,
    Check,
    Context,
    Delivery,
    Kind,
    NotAuthentic,
    NotFound,
    Place,
    Request,
    Status,
    Taken,
    TocsinError,
    TooLarge,
    guess,
    mapping,
    proof,
    reading,
)
from bot.contract.mapping import Reader
from plugins.cloudevents import event
from plugins.cloudevents.event import Event
from plugins.cloudevents.settings import CloudEventsSettings, TypeRule

PATH = "/cloudevents/{connection}"
_ORIGIN = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")
_OVER = {"succeeded": Status.RESOLVED, "fixed": Status.RESOLVED, "healthy": Status.RESOLVED, "ended": Status.RESOLVED}
# States beside those that say firing or resolved: `drift.detected` and `drift.resolved` are about one problem.
_STATES = {"detected", "started", "raised", "created", "changed", "updated", "breach", "violated"}
_MODEL = ("model", "modelid", "modelname", "inferenceservicename", "agent")  # extensions that name a model
_ASIDE = {"specversion", "traceparent", "tracestate", "sequence", "partitionkey"}  # extensions that say nothing here


class CloudEvents:
    """The source part; pure, and safe to call from several threads."""

    places: ClassVar[tuple[Place, ...]] = (Place("POST", PATH), Place("OPTIONS", PATH))

    def __init__(self, settings: CloudEventsSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._subject = settings.subject_pattern()
        self._connection = context.connection

    def authenticate(self, request: Request) -> None:
        """A handshake proves nothing and does nothing; everything else is Bearer, Basic or X-Tocsin-Secret."""
        if request.method == "OPTIONS":
            self._permit(request)
        else:
            proof.secret(request, self._settings.secret)

    def mine(self, request: Request) -> bool:
        """Whether the address ends in the connection's name, and what is not a handshake shows its secret."""
        if request.params.get("connection") != self._connection:
            return False
        secret = self._settings.secret
        return request.method == "OPTIONS" or secret is None or proof.carries(request, secret)

    async def check(self) -> list[Check]:
        """One row: whether senders must know a secret."""
        return [proof.check(self._settings.secret)]

    def parse(self, request: Request) -> Delivery:
        """An alert for every event that is one; the others are named in `skipped`."""
        if request.method == "OPTIONS":
            return Delivery()
        events, skipped = event.read(request)
        alerts: list[Alert] = []
        for one in events:
            rule = self._rule(one)
            if rule is None:
                skipped.append(f"Events of type {one.type[:100]} are no alerts by `types`.")
            elif not rule.ignore:
                alerts.append(self._alert(one, rule, request, skipped))
        return Delivery(tuple(alerts), id=_delivery(events), skipped=tuple(dict.fromkeys(skipped)))

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """202 with what became of it, the handshake's permission, or what is wrong and whether to send it again."""
        if isinstance(outcome, Taken):
            return _permission(request) if request.method == "OPTIONS" else _accepted(outcome)
        status = next((status for kind, status in _STATUS if isinstance(outcome, kind)), 503)
        if request.method == "OPTIONS" and status == 401:
            status = 403
        headers = {503: {"Retry-After": "5"}, 401: {"WWW-Authenticate": "Bearer"}}.get(status, {})
        said = {"error": outcome.what, "do": outcome.do, "retry": status == 503}
        return Answer(status, orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS), headers=headers)

    def _permit(self, request: Request) -> None:
        origin, allowed = request.headers.get("webhook-request-origin"), self._settings.origins
        if origin is not None and not (_ORIGIN.fullmatch(origin) and (not allowed or origin in allowed)):
            raise NotAuthentic("Events of that origin are not wanted here.", "Add it to the connection's `origins`.")

    def _rule(self, one: Event) -> TypeRule | None:
        """The first of `types` that fits; without any, a type that speaks of trouble is an alert of its kind."""
        rules = self._settings.types
        for pattern, rule in rules.items():
            if fnmatchcase(one.type, pattern):
                return rule
        if rules or (guess.kind(_words(one.type)) is None and _state(one.type) is None):
            return None
        return TypeRule()

    def _alert(self, one: Event, rule: TypeRule, request: Request, skipped: list[str]) -> Alert:
        fields, settings = self._settings.fields, self._settings
        read = Reader(one.data, one.whole)
        said = self._parts(one, skipped)
        measures = read.measures(fields.measures)
        title = read.words(fields.title, reading.TITLE) or _title(one)
        status = self._status(one, rule, read.words(fields.status), skipped)
        started = read.instant(fields.started_at)
        labels, left_out = read.labels(fields.labels)
        if left_out:
            skipped.append(left_out)
        return Alert(
            source="cloudevents",
            connection=self._connection,
            problem=reading.identity(self._connection, self._problem(one, read)),
            title=title,
            status=status,
            kind=rule.kind or self._kind(one, read.words(fields.kind), title),
            started_at=started or one.time or request.received_at,
            started_inferred=started is None,  # `time` is when it was seen; the same problem is seen again later
            ended_at=(read.instant(fields.ended_at) or one.time) if status is Status.RESOLVED else None,
            evaluated_at=one.time,
            model=read.words(fields.model) or said.get("model") or settings.model,
            version=read.words(fields.version) or said.get("version"),
            environment=read.words(fields.environment) or said.get("environment") or settings.environment,
            entity=read.words(fields.entity) or said.get("entity") or settings.entity,
            severity=(read.words(fields.severity) or one.extensions.get("severitytext") or "").lower() or None,
            summary=read.words(fields.summary, reading.SUMMARY) or _summary(one),
            measures=measures,
            labels=labels or _labels(one, said),
            links=read.links(fields.links),
        )

    def _parts(self, one: Event, skipped: list[str]) -> dict[str, str]:
        """What the subject says, and the model an extension names."""
        model = next((one.extensions[name] for name in _MODEL if name in one.extensions), None)
        named = {"model": model} if model else {}
        if one.subject is None:
            return named
        found = self._subject.fullmatch(one.subject)
        if found is None:
            skipped.append(f"The subject {one.subject[:60]!r} does not read as {self._settings.subject}.")
            return named
        return named | {part: words[: reading.NAME] for part, words in found.groupdict().items()}

    def _problem(self, one: Event, read: Reader) -> str:
        # Never cut here: two long identities may differ at their ends only.
        if (picked := read.words(self._settings.fields.problem, sys.maxsize)) and picked.strip():
            return picked.strip()
        return orjson.dumps([one.source, _stem(one.type), one.subject]).decode()

    def _status(self, one: Event, rule: TypeRule, said: str | None, skipped: list[str]) -> Status:
        if said is not None:
            status = mapping.status(said, self._settings.status_map)
            if status is None:
                skipped.append(f"The status {said.strip()[:40]!r} is not in status_map, so it was passed over.")
            else:
                return status
        return rule.status or _state(one.type) or Status.FIRING

    def _kind(self, one: Event, said: str | None, title: str) -> Kind:
        if said and (kind := self._settings.kind_map.get(said.strip().lower()) or guess.named(said)):
            return kind
        return guess.kind(said or "", _words(one.type), title) or Kind.FAILURE


_STATUS: tuple[tuple[type[TocsinError], int], ...] = (
    (NotAuthentic, 401),
    (TooLarge, 413),
    (BadInput, 400),
    (NotFound, 404),
)


def _permission(request: Request) -> Answer:
    """The sender may go on, as often as it likes; whoever names no origin asks for the methods alone."""
    headers = {"Allow": "POST, OPTIONS"}
    origin = request.headers.get("webhook-request-origin")
    if origin is not None:
        headers |= {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
    return Answer(200, media_type="text/plain", headers=headers)


def _accepted(outcome: Taken) -> Answer:
    if outcome.letter is not None:
        said: dict[str, Any] = {"accepted": 0, "dead_letter": outcome.letter, "why": outcome.why}
    else:
        accepted = outcome.new + outcome.repeats + outcome.resolved + outcome.dropped + outcome.held
        said = {"accepted": accepted, "incidents": list(outcome.incidents[:100])}
    return Answer(202, orjson.dumps(said))


def _delivery(events: list[Event]) -> str | None:
    """Source and id are an event's own; a batch is what is in it."""
    if not events:
        return None
    named = [[one.source, one.id] for one in events]
    return hashlib.sha256(orjson.dumps(named)).hexdigest()


def _words(type_: str) -> str:
    """What a type says: the sender's domain before it says nothing."""
    return " ".join(re.split(r"[./:]", type_)[-4:])


def _last(type_: str) -> tuple[str, str]:
    """A type without its last word, and that word."""
    found = re.search(r"^(.*)[./:_-]([A-Za-z]+)$", type_, re.DOTALL)
    return (found[1], found[2].lower()) if found else (type_, "")


def _state(type_: str) -> Status | None:
    word = _last(type_)[1]
    return _OVER.get(word) or mapping.status(word, {})


def _stem(type_: str) -> str:
    """What the events of one problem share, whatever has become of it."""
    stem, word = _last(type_)
    return stem if word in _STATES or _state(type_) else type_


def _title(one: Event) -> str:
    for name in ("title", "message", "summary", "name"):
        words = reading.text(one.data.get(name), reading.TITLE) if isinstance(one.data, dict) else None
        if words and words.strip():
            return words
    about = f"{one.type} on {one.subject}" if one.subject else one.type
    return about if len(about) <= reading.TITLE else f"{about[: reading.TITLE - 1]}…"


def _summary(one: Event) -> str:
    data = one.data if isinstance(one.data, dict) else {}
    return next(
        (words for name in ("summary", "description") if (words := reading.text(data.get(name), reading.SUMMARY))), ""
    )


def _labels(one: Event, said: dict[str, str]) -> dict[str, str]:
    named = {"type": one.type, "source": one.source, "subject": one.subject or ""}
    kept = {name: value for name, value in one.extensions.items() if name not in _ASIDE}
    return reading.labels({name: value for name, value in {**kept, **said, **named}.items() if value})[0]
