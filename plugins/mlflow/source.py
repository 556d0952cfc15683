"""Reads MLflow's webhooks: aliases that were moved, versions that are new, budgets that are spent."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from bot.contract import (
    Alert,
    ChangeEvent,
    Check,
    Context,
    Delivery,
    Kind,
    Measure,
    Move,
    Request,
    Status,
    Unreadable,
    proof,
    reading,
)
from plugins.mlflow import reference, signature
from plugins.mlflow.settings import MlflowSettings

_SENT = "Let MLflow itself send it: a webhook of its model registry."
#: The longest that such a span of a budget's window lasts.
_SPANS = {
    "MINUTES": timedelta(minutes=1),
    "HOURS": timedelta(hours=1),
    "DAYS": timedelta(days=1),
    "WEEKS": timedelta(weeks=1),
    "MONTHS": timedelta(days=31),
}
_LONGEST = 10_000  # such spans


class Webhooks:
    """The source part; pure, and safe to call from several threads."""

    once = True  # MLflow tells of each event once

    def __init__(self, settings: MlflowSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._connection = context.connection
        self._read: Mapping[tuple[str, str], Callable[[_Event], Delivery]] = {
            ("model_version_alias", "created"): lambda event: _moved(event, reference.MODEL),
            ("model_version_alias", "deleted"): lambda event: _moved(event, reference.MODEL),
            ("prompt_alias", "created"): lambda event: _moved(event, reference.PROMPT),
            ("prompt_alias", "deleted"): lambda event: _moved(event, reference.PROMPT),
            ("registered_model", "created"): lambda event: self._new(event, "The model {name} was registered."),
            ("model_version", "created"): lambda event: self._new(event, "{name} has a new version {version}."),
            ("prompt", "created"): lambda event: self._new(event, "The prompt {name} was registered."),
            ("prompt_version", "created"): lambda event: self._new(
                event, "The prompt {name} has a new version {version}."
            ),
            ("budget_policy", "exceeded"): self._budget,
        }

    def authenticate(self, request: Request) -> None:
        """By MLflow's own signature, where the connection has a secret."""
        if self._settings.secret is not None:
            signature.check(request, self._settings.secret, self._settings.tolerance)

    async def check(self) -> list[Check]:
        """One row: whether webhooks must be signed."""
        return [proof.check(self._settings.secret)]

    def parse(self, request: Request) -> Delivery:
        """What one event says; one that is none of ours is named in `skipped`."""
        event = _Event(request)
        read = self._read.get((event.entity, event.action))
        if read is None:
            what = f"{event.entity[:60]}.{event.action[:60]}"
            return Delivery(id=event.id, skipped=(f"Events of kind {what} change nothing here and were passed over.",))
        return read(event)

    def _new(self, event: "_Event", summary: str) -> Delivery:
        name, version = event.name(), event.words("version")
        described = event.words("description", reading.TITLE)
        said = summary.format(name=name, version=version) + (f" {described}" if described else "")
        kept = {key: words for key in ("version", "run_id", "source") if (words := event.words(key))}
        page = f"{self._settings.url}/#/{'prompts' if event.of_prompt else 'models'}/{quote(name, safe='')}"
        change = ChangeEvent(
            id=f"{event.entity}/{name}/{version}"[: reading.LABEL],
            connection=self._connection,
            at=event.at,
            summary=said[: reading.TITLE],
            source="mlflow",
            model=name,
            links=tuple(filter(None, [reading.link(page)])),
            details=kept,
        )
        return Delivery(id=event.id, changes=(change,))

    def _budget(self, event: "_Event") -> Delivery:
        spent, limit = (reading.number(event.data.get(key)) for key in ("current_spend", "budget_amount"))
        policy = event.words("budget_policy_id")
        if not policy:
            raise Unreadable("The event names no budget policy.", _SENT)
        until = event.window_end()
        if until is not None and until <= event.received_at:
            return Delivery(id=event.id, skipped=(f"The window of budget {policy} was over at {until:%F %H:%M} UTC.",))
        unit, whose = (
            event.words("budget_unit"),
            " ".join(filter(None, map(event.words, ("target_scope", "target_value")))),
        )
        span = " ".join(filter(None, map(event.words, ("duration_value", "duration_unit")))).lower()
        title = f"A budget of MLflow's gateway is spent: {_plain(spent)} of {_plain(limit)} {unit} in {span} ({whose})"
        keys = ("budget_policy_id", "target_scope", "target_value", "workspace", "budget_unit")
        alert = Alert(
            source="mlflow",
            connection=self._connection,
            problem=reading.identity(self._connection, f"budget/{policy}/{event.words('target_value')}"),
            title=title[: reading.TITLE],
            status=Status.FIRING,
            kind=Kind.COST,
            started_at=event.at,
            evaluated_at=event.at,
            until=until,
            model=self._settings.model,
            environment=self._settings.environment,
            entity=self._settings.entity,
            measures=(Measure("spend", spent, limit, ">=", window=span or None),),
            labels=reading.labels({key: words for key in keys if (words := event.words(key))})[0],
        )
        return Delivery(alerts=(alert,), id=event.id)


class _Event:
    """One delivery as MLflow sends it; Unreadable where it is none."""

    def __init__(self, request: Request) -> None:
        body = reading.loads(request.body)
        if not isinstance(body, dict):
            raise Unreadable("The body is no JSON object.", _SENT)
        entity, action, data = (body.get(key) for key in ("entity", "action", "data"))
        if not isinstance(entity, str) or not isinstance(action, str) or not isinstance(data, dict):
            raise Unreadable("The body has no `entity`, `action` and `data` of an event.", _SENT)
        self.entity, self.action, self.data = entity.lower(), action.lower(), data
        self.received_at = request.received_at
        self.at = reading.instant(body.get("timestamp")) or request.received_at
        self.id = (request.headers.get(signature.DELIVERY) or None) and request.headers[signature.DELIVERY][:200]

    @property
    def of_prompt(self) -> bool:
        """Whether it is about a prompt."""
        return self.entity.startswith("prompt")

    def words(self, key: str, limit: int = reading.NAME) -> str:
        """A field of its data as one line; empty where it is missing."""
        return reading.clean(reading.text(self.data.get(key), limit) or "")

    def name(self) -> str:
        """The model's or prompt's name; Unreadable without one."""
        if not (name := self.words("name", reading.LABEL)):
            raise Unreadable("The event names no model.", _SENT)
        return name

    def window_end(self) -> datetime | None:
        """When a budget's window is over at the latest."""
        start, count = reading.instant(self.data.get("window_start")), reading.number(self.data.get("duration_value"))
        span = _SPANS.get(self.words("duration_unit"))
        if start is None or count is None or span is None or not 0 < count <= _LONGEST:
            return None
        return start.astimezone(UTC) + count * span


def _moved(event: _Event, kind: str) -> Delivery:
    alias = event.words("alias")
    if not alias:
        raise Unreadable("The event names no alias.", _SENT)
    version = event.words("version") or None if event.action == "created" else None
    return Delivery(id=event.id, moves=(Move({kind: event.name(), "alias": alias}, event.at, version),))


def _plain(number: float | None) -> str:
    return "?" if number is None else f"{number:,.2f}".removesuffix(".00")
