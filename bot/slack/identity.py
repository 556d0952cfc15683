"""Who is behind a Slack user, and whether they may ask anything at all; judged at the moment of the press."""

from dataclasses import dataclass

from bot import words
from bot.engine import link
from bot.engine.desk import Desk
from bot.errors import Refused
from bot.model.people import Person
from bot.slack.client import SlackFault
from bot.slack.office import NotInstalled, Office, Offices
from bot.slack.payloads import Asked, Happened
from bot.slack.profiles import Profile, Profiles
from bot.store import Tx, links
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `person` is None for somebody of the workspace whom nobody has linked to a person yet."""

    asked: Asked
    person: Person | None
    words: Words  #: in the language they read
    admin: bool = False
    account: str = ""  #: the Slack user; with the workspace before it where the id alone could be somebody else's

    @property
    def by(self) -> str:
        """As the log names them, and as the engine finds the person."""
        return f"slack:{self.account or self.asked.user}"


class Identity:
    """Tells who asks."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """`offices` are asked about every account, so that a guest or a closed one is noticed."""
        self._desk = desk
        self._offices = offices
        self._profiles = Profiles(desk.clock)

    async def caller(self, asked: Asked) -> Caller:
        """The caller; Refused with the reason for guests, strangers, the deactivated, bots and other workspaces.

        Somebody known by their id goes on when Slack does not tell, everybody else is refused then. NotInstalled.
        """
        await self._offices.look(asked.at_home)
        office = self._offices.of(asked.at_home)
        account, person = await self._known(office, asked)
        self._native(office, asked, person)
        profile = None
        try:
            profile = await self._profiles.of(office, asked.user)
        except SlackFault as fault:
            if person is None:
                raise self._unsure(fault) from fault
        else:
            _member(profile, self._words(person, profile), office)
            person = person or await self._by_email(office, account, asked, profile)
        admin = person is not None and person.name in self._desk.settings.people.admins
        return Caller(asked, person, self._words(person, profile), admin, account)

    async def changed(self, happened: Happened) -> None:
        """Slack says that an account has changed: it is asked for anew, and one that was closed is nobody any more."""
        user = happened.event.get("user")
        its = user.get("id") if isinstance(user, dict) else None
        if not isinstance(user, dict) or not isinstance(its, str):
            return
        self._profiles.forget(happened.team, its)
        if user.get("deleted") is True:
            now, account = self._desk.clock.now(), self._account(happened.team, its)
            await link.unlink(self._desk, account, "slack", now, "The Slack account was closed.")

    def belongs(self, person: str, office: Office) -> bool:
        """Whether this is the workspace of that person."""
        try:
            return self._offices.person(person) is office
        except NotInstalled:
            return False

    async def _known(self, office: Office, asked: Asked) -> tuple[str, Person | None]:
        """The account as the log names it, and the person by the configuration or by a link."""
        team = office.team or asked.at_home
        account = self._account(team, asked.user)
        people = self._desk.settings.people
        if account == asked.user and (person := people.by_slack(asked.user)):
            return account, person

        def linked(tx: Tx) -> tuple[str, str | None]:
            found = links.of_user(tx, account)
            its = f"{team}/{asked.user}" if found and found.team != team else account  # of a workspace we once had
            return its, self._desk.person(tx, f"slack:{its}")

        account, name = await self._desk.store.read(linked)
        return account, people.persons[name] if name else None

    def _account(self, team: str, user: str) -> str:
        """The id alone only where it cannot be an id of another workspace, too."""
        person = self._desk.settings.people.by_slack(user)
        if not self._offices.several:
            return user
        here = person is not None and (person.workspace or self._main()) == team
        return user if here else f"{team}/{user}"

    def _main(self) -> str:
        try:
            return self._offices.main.team
        except NotInstalled:
            return ""

    def _native(self, office: Office, asked: Asked, person: Person | None) -> None:
        """Refused for who belongs to another workspace than the one that is asked."""
        if asked.team != (office.team or asked.at_home):
            raise Refused(self._words(person, None).link.foreign)

    async def _by_email(self, office: Office, account: str, asked: Asked, profile: Profile) -> Person | None:
        wanted = profile.email.casefold()
        people = self._desk.settings.people.persons.values()
        free = [person for person in people if person.slack is None and self.belongs(person.name, office)]
        if not wanted or wanted not in ((person.email or "").casefold() for person in free):
            return None  # as nearly always, so that nothing has to be written
        now = self._desk.clock.now()
        return await link.by_email(self._desk, account, office.team or asked.at_home, profile.email, now)

    def _unsure(self, fault: SlackFault) -> Refused:
        say = self._words(None, None).link
        if fault.code in ("user_not_found", "user_not_visible"):
            return Refused(say.foreign)
        if fault.retry and fault.code != "missing_scope":
            return Refused(words.fill(say.unsure, code=fault.code))
        admins = ", ".join(self._desk.settings.people.admins) or say.nobody
        return Refused(words.fill(say.unseen, code=fault.code, admins=admins))

    def _words(self, person: Person | None, profile: Profile | None) -> Words:
        """Their own language, else that of their Slack where we speak it, else the workspace's."""
        said = (profile.locale if profile else "").partition("-")[0].lower()
        locale = said if said in words.LANGUAGES else None
        return words.of((person.language if person else None) or locale or self._desk.settings.slack.language)


def _member(profile: Profile, w: Words, office: Office) -> None:
    """Refused for whoever is no full member of the workspace."""
    say = w.link
    away = office.team and profile.teams and office.team not in profile.teams
    reasons = ((profile.bot, say.bot), (profile.closed, say.closed), (profile.stranger or away, say.foreign))
    for so, reason in (*reasons, (profile.guest, say.guest)):
        if so:
            raise Refused(reason)
