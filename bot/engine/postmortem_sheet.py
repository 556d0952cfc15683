"""A postmortem with all that is shown beside it: its follow-ups, what the linter says, where it was sent."""

from dataclasses import dataclass

from bot.engine.desk import Desk
from bot.model.postmortem import Export, FollowUp, Postmortem
from bot.rules import prose
from bot.rules.prose import Finding
from bot.store import Tx, exports, follow_ups, postmortems


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it, read at one moment."""

    postmortem: Postmortem
    follow_ups: tuple[FollowUp, ...] = ()
    findings: tuple[Finding, ...] = ()
    exports: tuple[Export, ...] = ()

    @property
    def hard(self) -> tuple[Finding, ...]:
        """What keeps it from being published, unless somebody says why not."""
        return tuple(one for one in self.findings if one.hard)


def of_incident(tx: Tx, desk: Desk, incident: str) -> Sheet | None:
    """That of an incident; None while nobody has drafted it."""
    found = postmortems.of_incident(tx, incident)
    return of(tx, desk, found) if found else None


def of(tx: Tx, desk: Desk, postmortem: Postmortem) -> Sheet:
    """The postmortem as it is, with the rest."""
    own = tuple(follow_ups.of_incident(tx, postmortem.incident))
    found = prose.lint(postmortem.text, own, desk.settings.people.persons)
    return Sheet(postmortem, own, tuple(found), tuple(exports.of(tx, postmortem.id)))
