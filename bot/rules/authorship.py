"""Who may write on the postmortem of an incident, move it on, and leave lines out of it."""

from collections.abc import Collection

from bot.model.people import People
from bot.model.postmortem import NEXT, Postmortem, Standing
from bot.model.verdict import Verdict


def may_write(person: str | None, people: People, team: str | None, holders: Collection[str | None]) -> Verdict:
    """Whether `person` (None: nobody we know) may: the owner team, whoever holds or owns it, leads, admins."""
    if person is None:
        return Verdict.STRANGER
    own = people.teams.get(team or "")
    leads = {one.lead for one in people.teams.values()}
    known = {*people.admins, *leads, *holders, *((*own.members, own.lead) if own else ())}
    return Verdict.GO if person in known else Verdict.NOT_AN_AUTHOR


def may_move(postmortem: Postmortem, to: Standing) -> Verdict:
    """Whether it can stand so next; where it does already, that is said."""
    if postmortem.standing is to:
        return Verdict.ALREADY
    return Verdict.GO if to in NEXT[postmortem.standing] else Verdict.NOT_POSSIBLE
