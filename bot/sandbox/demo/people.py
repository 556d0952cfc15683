"""Who is in the demo's workspace, in the order of the page's switcher: everybody of the configuration, with a role."""

from bot.sandbox.workspace import Channel, Person
from bot.settings import Settings

ROLES = {
    "ada": ("L1 on call", "Is paged first, for every model of the house."),
    "bo": ("model owner", "Owns churn, demand, delivery days and the refund agent with ada; the second pair of eyes."),
    "cy": ("lead", "Leads churn-ml; the last tier."),
    "kim": ("auditor, may only look", "Is in no team: may read everything and decide nothing."),
    "dee": ("model owner, lending", "Owns the collateral prices and the table they are read from."),
    "eli": ("model owner, lending", "Owns them with dee; the second pair of eyes there."),
    "fay": ("lead, lending", "Leads credit-ml; the last tier there."),
}


def told(settings: Settings) -> list[dict[str, str]]:
    """Each person with id, name, role and what they are for; those the configuration has beside ours come last."""
    found = {name: person for name, person in settings.people.persons.items() if person.slack}
    order = [*(name for name in ROLES if name in found), *(name for name in found if name not in ROLES)]
    about = {name: ROLES.get(name, ("colleague", "")) for name in order}
    return [{"id": found[n].slack or "", "name": n, "role": about[n][0], "about": about[n][1]} for n in order]


def members(settings: Settings) -> list[Person]:
    """Everybody of the configuration who has a Slack account, as the workspace knows them."""
    found = (person for person in settings.people.persons.values() if person.slack)
    return [Person(one.name, id=one.slack or "", email=one.email or "", tz=one.timezone) for one in found]


def channels(settings: Settings) -> list[Channel]:
    """Every channel that the configuration names, once."""
    named = [*(entity.channel for entity in settings.estate.entities.values()), settings.slack.channel]
    return [Channel(name) for name in dict.fromkeys(one.removeprefix("#") for one in named if one)]
