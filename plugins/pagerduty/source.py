"""Reads PagerDuty's events and answers as PagerDuty does."""

from typing import ClassVar

from bot.contract import (
    Act,
    Alert,
    Answer,
    ChangeEvent,
    Check,
    Context,
    Delivery,
    Does,
    Health,
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
from plugins.pagerduty import event, replies
from plugins.pagerduty.event import Event
from plugins.pagerduty.settings import PagerDutySettings

_LINKS = 20  # of one event
_OWN = ("source", "component", "group", "class")  # fields that become labels


class PagerDuty:
    """The source part; pure, and safe to call from several threads."""

    places: ClassVar[tuple[Place, ...]] = (
        Place("POST", "/v2/enqueue", event.LIMIT),
        Place("POST", "/v2/change/enqueue", event.LIMIT),
    )

    def __init__(self, settings: PagerDutySettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._connection = context.connection

    def authenticate(self, request: Request) -> None:
        """The event's routing key is the connection's; or, where a `secret` is set, the request proves that."""
        if self.mine(request):
            return
        if self._settings.secret is None:
            raise NotAuthentic("The event's routing_key is not this connection's.", "Compare it with `routing_key`.")
        proof.secret(request, self._settings.secret)

    def mine(self, request: Request) -> bool:
        """Whether the event carries this connection's routing key."""
        try:
            shown = event.stated(event.read(request).body.get("routing_key"))
        except Unreadable:
            return False
        return proof.knows(shown, self._settings.routing_key)

    async def check(self) -> list[Check]:
        """One row where it is sent events; a connection that only pages has no key for that."""
        return [Check("routing_key", Health.OK)] if self._settings.routing_key else []

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        """PagerDuty's own answer."""
        return replies.reply(request, outcome)

    def parse(self, request: Request) -> Delivery:
        """The alert, act or change that one event is. Unreadable with PagerDuty's own complaints."""
        given = event.read(request)
        complaints = given.errors()
        if self._settings.secret is not None:  # then the key may be left out
            complaints = complaints[len(event.key_errors(given.body.get("routing_key"))) :]
        if complaints:
            raise Unreadable(
                f"The event is invalid: {'; '.join(complaints)}.", "Send it as the Events API v2 wants it."
            )
        if given.change:
            return Delivery(changes=(self._change(request, given),))
        key = event.dedup_key(request, given)
        if given.action == "acknowledge":
            by = reading.text(given.body.get("client"), reading.NAME) or ""
            return Delivery(acts=(Act(Does.ACKNOWLEDGE, reading.identity(self._connection, key), by),))
        return self._told(request, given, key)

    def _told(self, request: Request, given: Event, key: str) -> Delivery:
        """A problem, or the end of one, of which nothing but the key need be said."""
        said, settings = given.payload, self._settings
        more = given.details
        summary = event.stated(said.get("summary"))[: event.SUMMARY]
        title = reading.text(summary or key, reading.TITLE) or key
        measures = details.measures(more)
        labels, left_out = details.labels({**more, **{name: said.get(name) for name in _OWN}})
        fires = given.action == "trigger"
        alert = Alert(
            source="pagerduty",
            connection=self._connection,
            problem=reading.identity(self._connection, key),
            title=title,
            status=Status.FIRING if fires else Status.RESOLVED,
            kind=_kind(said, more, title, measures[0].metric if measures else ""),
            # Its timestamp tells when the sender looked: a later one of an open alert is no other problem.
            started_at=request.received_at,
            started_inferred=True,
            evaluated_at=reading.instant(said.get("timestamp")) if fires else None,
            model=details.first(more, settings.model_details) or settings.model,
            version=details.first(more, settings.version_details),
            environment=details.first(more, settings.environment_details) or settings.environment,
            entity=details.first(more, settings.entity_details) or settings.entity,
            severity=reading.text(said.get("severity"), reading.NAME),
            summary=summary if summary != title else "",
            measures=measures,
            labels=labels,
            links=_links(given),
        )
        return Delivery(alerts=(alert,), skipped=(left_out,) if left_out else ())

    def _change(self, request: Request, given: Event) -> ChangeEvent:
        """Something that was changed; the very same event again is the same change."""
        said, settings = given.payload, self._settings
        more = given.details
        at = reading.instant(said.get("timestamp"))
        labels, _ = details.labels(more)
        return ChangeEvent(
            id=event.digest(request.body) if at else event.fingerprint(request),
            connection=self._connection,
            at=at or request.received_at,
            summary=event.stated(said.get("summary"))[: event.SUMMARY],
            source=reading.text(said.get("source"), reading.NAME) or "",
            model=details.first(more, settings.model_details) or settings.model,
            entity=details.first(more, settings.entity_details) or settings.entity,
            links=_links(given),
            details=labels,
        )


def _kind(said: dict[str, object], more: dict[str, object], title: str, metric: str) -> Kind:
    """What a detail `kind` or the event's class names outright; else what its words speak of."""
    words = [reading.text(given, reading.NAME) or "" for given in (more.get("kind"), said.get("class"))]
    named = next((kind for word in words if (kind := guess.named(word))), None)
    component = reading.text(said.get("component"), reading.NAME) or ""
    return named or guess.kind(*words, title, metric, component) or Kind.FAILURE


def _links(given: Event) -> tuple[str, ...]:
    """Where its links, its images and its client lead."""
    found = [given.body.get("client_url")]
    for name, where in (("links", "href"), ("images", "src"), ("images", "href")):
        listed = given.body.get(name)
        found += [one.get(where) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    plain = [link for each in found if (link := reading.link(each))]
    return tuple(dict.fromkeys(plain))[:_LINKS]
