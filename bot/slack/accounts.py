"""The Slack account of a person: by the configuration, by a link, or by an address that Slack has verified."""

from bot.engine import link
from bot.engine.desk import Desk
from bot.errors import NotDelivered
from bot.model.job import Lane
from bot.model.people import Person
from bot.slack.client import SlackFault
from bot.slack.office import Office, Offices
from bot.slack.pieces import Json
from bot.slack.profiles import Profile

METHOD = "users.lookupByEmail"


async def of(desk: Desk, offices: Offices, person: Person) -> str:
    """The id of their Slack user; NotDelivered with the reason and the cure when they have none.

    Who is found by address is linked, so that nobody is looked up twice and their presses count.
    """
    if person.slack is None:
        known = (await desk.store.read(desk.people)).persons.get(person.name)
        person = known or person
    if person.slack is not None:
        return person.slack
    if person.email is None:
        raise NotDelivered(f"{person.name} has no Slack id.", "Write it, or their e-mail, in config/people.yaml.")
    office = offices.person(person.name)
    user = await _found(office, person)
    account = f"{office.team}/{user}" if offices.several else user
    linked = await link.by_email(desk, account, office.team, person.email, desk.clock.now())
    if linked is None or linked.name != person.name:
        what = f"The address of {person.name} leads to a Slack user who is somebody else already."
        raise NotDelivered(what, "Write their Slack ids in config/people.yaml.")
    return user


async def _found(office: Office, person: Person) -> str:
    """Whom Slack knows by this address; guests, strangers, bots and closed accounts are nobody."""
    if wait := office.limiter.ask(METHOD, "", Lane.PAGE, person.name):
        raise SlackFault(METHOD, "waiting", after=wait)
    try:
        answer = await office.client.call(METHOD, email=person.email)
    except SlackFault as fault:
        if fault.code != "users_not_found":
            raise
        answer = {}
    user: Json = answer.get("user") or {}
    profile = Profile.read(user)
    good = profile.email.casefold() == (person.email or "").casefold()
    if not good or profile.closed or profile.bot or profile.guest or profile.stranger:
        what = f"Slack knows no full member with the verified address of {person.name}."
        raise NotDelivered(what, "Write their Slack id in config/people.yaml.")
    return str(user["id"])
