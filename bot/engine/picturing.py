"""When the pictures of an incident are put into its thread: soon after it opened, and once it is mitigated."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.model.incident import Incident
from bot.model.job import Lane, NewJob

KIND = "incident_picture"  #: of the jobs
OPENED, MITIGATED = "opened", "mitigated"
SOON = timedelta(seconds=30)  #: so that the card stands, and what opened with it is drawn as well
UNMEASURED = frozenset({"failure", "safety"})  #: kinds of incidents whose alerts say that, and not how much


def wanted(opened: Iterable[Incident], due: datetime) -> Iterator[NewJob]:
    """The wishes that follow from the incidents that opened just now; what a storm pages for is shown by the storm."""
    for incident in opened:
        if incident.open and not incident.storm and incident.kind not in UNMEASURED:
            yield _wish(incident, OPENED, due + SOON)


def mitigated(incident: Incident, due: datetime) -> NewJob:
    """The wish that its thread shows how it went, changes marked; asked for once, however often it is mitigated."""
    return _wish(incident, MITIGATED, due + SOON)


def _wish(incident: Incident, when: str, due: datetime) -> NewJob:
    about = {"incident": incident.id, "when": when}
    return NewJob(f"{KIND}/{incident.id}/{when}", KIND, Lane.DIGEST, due, about)
