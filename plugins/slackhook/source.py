"""Reads messages in the form of Slack's incoming webhooks, and answers as they do."""

from typing import Any, ClassVar
from urllib.parse import parse_qs

import orjson

from bot.contract import (
    Alert,
    Answer,
    BadInput,
    Check,
    Context,
    Delivery,
    Health,
    Kind,
    Measure,
    NotAuthentic,
    Place,
    Request,
    Taken,
    TocsinError,
    TooLarge,
    Unreadable,
    guess,
    proof,
    reading,
)
from plugins.slackhook import markup, message
from plugins.slackhook.message import Message, Wrong
from plugins.slackhook.settings import SlackhookSettings

PLACE = Place("POST", "/services/{team}/{bot}/{key}")
_LINKS = 20


class Slackhook:
    """The source part; pure, and safe to call from several threads."""

    places: ClassVar[tuple[Place, ...]] = (PLACE,)

    def __init__(self, settings: SlackhookSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._green = tuple(colour.strip().lower() for colour in settings.resolved_colours)
        self._connection = context.connection

    def authenticate(self, request: Request) -> None:
        """By the last part of the address, as Slack's; elsewhere by the headers everybody may use."""
        if "key" not in request.params:
            proof.secret(request, self._settings.secret)
        elif not self.mine(request):
            raise NotAuthentic("The address ends in no key of this connection.", "Compare it with its `secret`.")

    def mine(self, request: Request) -> bool:
        """Whether the address ends in the connection's secret; without one, nobody can post there."""
        return proof.knows(request.params.get("key"), self._settings.secret)

    async def check(self) -> list[Check]:
        """One row: whether there is a secret, without which the address of its own does not open."""
        if self._settings.secret is None:
            cure = "Set `secret`: it is the last part of the address /services/T0/B0/SECRET; until then nobody has one."
            return [Check("secret", Health.MISSING, cure)]
        return [Check("secret", Health.OK)]

    def parse(self, request: Request) -> Delivery:
        """One message is one alert; raises Wrong, with the word Slack has for it."""
        found = message.read(_payload(request.body))
        return Delivery(alerts=(self._alert(found, request),))

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """`ok`, or the word Slack has for what is wrong."""
        if isinstance(outcome, Taken):
            return _said(200, "ok") if outcome.letter is None else _said(400, _refusal(request))
        if isinstance(outcome, NotAuthentic):
            return _said(403, "invalid_token")
        if isinstance(outcome, TooLarge):
            return _said(413, "payload_too_large")
        if isinstance(outcome, BadInput):
            return _said(400, _refusal(request))
        return _said(503, "service_unavailable", {"Retry-After": "2"})

    def _alert(self, found: Message, request: Request) -> Alert:
        said = {part: _named(found, names) for part, names in message.PARTS.items()}
        status = found.status(self._green)
        title = markup.marked(found.title)[1][: reading.TITLE]
        rest = [line for line in found.lines if line != found.title]
        return Alert(
            source="slackhook",
            connection=self._connection,
            problem=reading.identity(self._connection, _problem(title, said["model"], said["environment"])),
            title=title,
            status=status,
            kind=_kind(said["kind"], title, said["metric"], *rest[:3]),
            started_at=request.received_at,
            started_inferred=True,
            model=said["model"] or self._settings.model,
            version=said["version"],
            environment=said["environment"] or self._settings.environment,
            entity=said["entity"] or self._settings.entity,
            severity=(said["severity"] or "").lower() or None,
            summary=reading.text("\n".join(dict.fromkeys(rest)), reading.SUMMARY) or "",
            measures=_measures(said),
            labels=reading.labels(found.fields)[0],
            links=tuple(dict.fromkeys(plain for one in found.links if (plain := reading.link(one))))[:_LINKS],
        )


def _payload(body: bytes) -> Any:
    """The JSON of the body, or of its form field `payload`."""
    if body.lstrip()[:8] == b"payload=":
        try:
            (given,) = parse_qs(body.decode().strip(), max_num_fields=20, strict_parsing=True)["payload"]
        except (ValueError, KeyError):
            raise Wrong("invalid_payload", "The form has no single field `payload`.") from None
        body = given.encode("utf-8", "replace")
    try:
        return reading.loads(body)
    except Unreadable as unreadable:
        raise Wrong("invalid_payload", unreadable.what) from None


def _refusal(request: Request) -> str:
    """The word Slack has for what is wrong with this message."""
    try:
        message.read(_payload(request.body))
    except Wrong as wrong:
        return wrong.code
    return "invalid_payload"


def _said(status: int, word: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, word.encode(), "text/html", headers or {})


def _named(found: Message, names: tuple[str, ...]) -> str | None:
    return next((reading.text(found.fields[name], reading.NAME) for name in names if name in found.fields), None)


def _problem(title: str, model: str | None, environment: str | None) -> str:
    words = markup.lasting(title)
    return orjson.dumps([words, model, environment]).decode() if model or environment else words


def _kind(said: str | None, *names: str | None) -> Kind:
    return (guess.named(said) if said else None) or guess.kind(*(name or "" for name in names)) or Kind.FAILURE


def _measures(said: dict[str, str | None]) -> tuple[Measure, ...]:
    value, threshold = reading.number(said["value"]), reading.number(said["threshold"])
    metric = said["metric"]
    if metric is None:
        return ()
    return (Measure(metric, value, threshold, feature=said["feature"]),)
