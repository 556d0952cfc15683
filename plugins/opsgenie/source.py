"""Reads what Opsgenie's clients send and answers as Opsgenie does."""

from typing import ClassVar

from bot.contract import (
    Act,
    Alert,
    Answer,
    Check,
    Context,
    Delivery,
    Does,
    Kind,
    NotAuthentic,
    Place,
    Request,
    Status,
    Taken,
    TocsinError,
    Unreadable,
    details,
    guess,
    proof,
    reading,
)
from plugins.opsgenie import asked, replies
from plugins.opsgenie.asked import Asked, Wish
from plugins.opsgenie.settings import OpsgenieSettings


class Opsgenie:
    """The source part; pure, and safe to call from several threads."""

    places: ClassVar[tuple[Place, ...]] = (
        Place("POST", "/v2/alerts"),
        Place("GET", "/v2/alerts"),
        Place("GET", "/v2/alerts/requests/{request}"),
        Place("GET", "/v2/alerts/{identifier}"),
        Place("DELETE", "/v2/alerts/{identifier}"),
        Place("POST", "/v2/alerts/{identifier}/{action}"),
        Place("PUT", "/v2/alerts/{identifier}/{action}"),
        Place("GET", "/v2/alerts/{identifier}/{action}"),
        Place("DELETE", "/v2/alerts/{identifier}/{action}"),
        Place("POST", "/v2/alerts/{identifier}/{action}/{name}"),
    )

    def __init__(self, settings: OpsgenieSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._connection = context.connection

    def authenticate(self, request: Request) -> None:
        """`Authorization: GenieKey KEY`, or the key in any way that other connections take."""
        if self._settings.secret is None:
            raise NotAuthentic("This connection takes no alerts.", "Set its `secret`.")
        if not self.mine(request):
            proof.secret(request, self._settings.secret)

    def mine(self, request: Request) -> bool:
        """Whether the request carries this connection's key."""
        return proof.knows(replies.key(request), self._settings.secret)

    async def check(self) -> list[Check]:
        """One row where it is sent alerts; a connection that only pages has no key for that."""
        return [proof.check(self._settings.secret)] if self._settings.secret else []

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """Opsgenie's own answer."""
        return replies.reply(request, outcome, self._connection)

    def parse(self, request: Request) -> Delivery:
        """What one request says or wants to know. NotFound; Unreadable with Opsgenie's own complaints."""
        given = asked.read(request)
        if errors := given.errors():
            raise Unreadable(
                f"The request is invalid: {' '.join(errors.values())}", "Send what the Alert API v2 wants."
            )
        problem = reading.identity(self._connection, given.alias)
        by, note = given.words("user", asked.USER), given.words("note", asked.NOTE)
        noted = (Act(Does.NOTE, problem, by, note),) if note else ()
        match given.wish:
            case Wish.STATUS:
                return Delivery(look_up=given.alias)
            case Wish.GET:
                return Delivery(asks=(problem,))
            case Wish.ACKNOWLEDGE:
                return Delivery(acts=(Act(Does.ACKNOWLEDGE, problem, by, note),), keep_as=given.request_id)
            case Wish.NOTE:
                return Delivery(acts=noted, keep_as=given.request_id)
        alert, left_out = self._told(request, given, problem)
        return Delivery(alerts=(alert,), acts=noted, keep_as=given.request_id, skipped=left_out)

    def _told(self, request: Request, given: Asked, problem: str) -> tuple[Alert, tuple[str, ...]]:
        """A problem, or the end of one, of which nothing but the alias need be said."""
        settings, creates = self._settings, given.wish is Wish.CREATE
        more = given.body.get("details")
        more = more if isinstance(more, dict) else {}
        title = given.words("message", asked.MESSAGE) or given.alias[: reading.TITLE]
        priority = given.words("priority", 2) or "P3"
        measures = details.measures(more)
        labels, left_out = details.labels({**more, **_own(given, priority)} if creates else {})
        alert = Alert(
            source="opsgenie",
            connection=self._connection,
            problem=problem,
            title=title,
            status=Status.FIRING if creates else Status.RESOLVED,
            kind=_kind(more, title, measures[0].metric if measures else ""),
            started_at=request.received_at,
            started_inferred=True,
            model=details.first(more, settings.model_details) or settings.model,
            version=details.first(more, settings.version_details),
            environment=details.first(more, settings.environment_details) or settings.environment,
            entity=details.first(more, settings.entity_details) or settings.entity,
            severity=settings.severities.get(priority, priority).lower() if creates else None,
            summary=reading.text(given.words("description", asked.DESCRIPTION), reading.SUMMARY) or "",
            measures=measures,
            labels=labels,
        )
        return alert, (left_out,) if left_out else ()


def _own(given: Asked, priority: str) -> dict[str, object]:
    """What an alert says beside its details, as labels."""
    listed = given.body.get("tags")
    tags = [reading.text(tag, asked.TAG) for tag in listed[: asked.TAGS]] if isinstance(listed, list) else []
    return {
        "priority": priority,
        "source": given.words("source", asked.SOURCE),
        "domain": given.words("entity", asked.ALIAS),  # Opsgenie's `entity`: a host, as often as not
        "tags": ", ".join(tag for tag in tags if tag),
    }


def _kind(more: dict[str, object], title: str, metric: str) -> Kind:
    word = reading.text(more.get("kind"), reading.NAME) or ""
    return guess.named(word) or guess.kind(word, title, metric) or Kind.FAILURE
