"""User groups kept equal to who is on call, by the resolver that pages: only differences are sent, never nobody.

What is known of a group is written down beside where drawings stand, under `group/ROTA`: the place is the group as the
configuration names it, the time that of the last look at Slack, the digest either `ok` and who is in it, or `fault`,
what Slack said and whom it was to hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import telemetry, words
from bot.engine import escalate, work
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.rules import reach, rota, turns
from bot.slack import language, living
from bot.slack.client import SlackFault
from bot.slack.office import Offices
from bot.store import Tx, jobs, overrides, posts
from bot.store.posts import Post

LOOK = timedelta(minutes=5)  #: how old what somebody changed in Slack by hand may get
REST = timedelta(hours=1)  #: until what Slack refused is tried again, quietly
AHEAD = timedelta(days=1)  # how far changes of the rota made by hand are looked for
NOBODY = "nobody"  #: our word for a group that would be empty
NEEDS_MENDING = frozenset({"invalid_users"})  # about who is in it, so another shift is another try
#: What Slack says in other words, too.
ALIKE = {
    "paid_teams_only": "plan_upgrade_required",
    "restricted_action": "permission_denied",
    "not_allowed": "permission_denied",
    "subteam_not_found": "no_such_subteam",
}
log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Known:
    """What was written down at the last look."""

    at: datetime
    users: frozenset[str]
    fault: str = ""

    @classmethod
    def read(cls, post: Post | None, group: str) -> "_Known | None":
        """None when there is nothing yet, or it was about another group."""
        if post is None or post.channel != group:
            return None
        said, *rest = post.digest.split()
        fault, users = ("", rest) if said == "ok" else (rest[0], rest[1:])
        return cls(datetime.fromisoformat(post.ts), frozenset(users), fault)

    def post(self, rota_name: str, group: str) -> Post:
        """The same, to be written down."""
        said = ["fault", self.fault] if self.fault else ["ok"]
        return Post(f"group/{rota_name}", group, self.at.isoformat(), " ".join([*said, *sorted(self.users)]))


@dataclass(frozen=True)
class _Wish:
    """Which group shall hold whom, why them, until when; and what was known before."""

    rota: str
    group: str
    users: frozenset[str]
    why: str
    until: datetime
    known: _Known | None

    def rests(self, now: datetime) -> bool:
        """Whether there is nothing to look at in Slack now."""
        known = self.known
        if known is None or known.fault == NOBODY:
            return False
        if not known.fault:
            return known.users == self.users and now < known.at + LOOK
        changed = known.fault in NEEDS_MENDING and known.users != self.users
        return now < known.at + REST and not changed


class Groups:
    """The handler of the job `group`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """Who is on call is read when the job is done."""
        self._desk = desk
        self._offices = offices
        self._ids: dict[str, str] = {}  # of the groups that are in use, by handle and by id

    async def sync(self, job: Job) -> work.Outcome:
        """Let the group of a rota hold exactly who is on call; look again when the shift ends."""
        name, now = str(job.payload["rota"]), self._desk.clock.now()
        wish = await self._desk.store.read(lambda tx: self._wish(tx, name, now))
        if wish is None:
            return work.Done()  # it was taken out of the configuration
        if not wish.users:
            return work.Done(self._refused(wish, NOBODY, now))
        if wish.rests(now):
            return work.Done(lambda tx: _again(tx, wish))
        try:
            before = await self._equal(job, wish)
        except SlackFault as fault:
            if fault.retry and fault.code != "missing_scope":
                raise
            self._ids.pop(wish.group, None)  # it may have been made anew under the same handle
            return work.Done(self._refused(wish, ALIKE.get(fault.code, fault.code), now))
        return work.Done(self._synced(wish, before, now))

    def _wish(self, tx: Tx, name: str, now: datetime) -> _Wish | None:
        settings = self._desk.settings
        group = settings.slack.usergroups.get(name)
        if group is None or name not in settings.rotas:
            return None
        roster = self._desk.roster(tx, now)
        found = reach.people(f"rota:{name}", roster.rotas, roster.people, roster.overrides, now)
        users = (roster.people.persons[person].slack for person in found.persons)
        changes = (*settings.overrides, *overrides.active(tx, now, now + AHEAD))
        until = rota.shift(settings.rotas[name], now, changes).end
        known = _Known.read(posts.get(tx, f"group/{name}"), group)
        return _Wish(name, group, frozenset(filter(None, users)), found.why, until, known)

    async def _equal(self, job: Job, wish: _Wish) -> frozenset[str]:
        """Who was in the group before; afterwards it is as wished. SlackFault."""
        office, group = self._offices.main, await self._id(job, wish.group)
        answer = await living.call(office, job, "usergroups.users.list", usergroup=group)
        before = frozenset(map(str, answer.get("users") or ()))
        if before != wish.users:
            users = ",".join(sorted(wish.users))
            await living.call(office, job, "usergroups.users.update", usergroup=group, users=users)
        return before

    async def _id(self, job: Job, group: str) -> str:
        """The id behind a handle or an id, learned once; SlackFault when there is no such group or it is disabled."""
        if group in self._ids:
            return self._ids[group]
        disabled: set[str] = set()
        answer = await living.call(self._offices.main, job, "usergroups.list", include_disabled=True)
        for one in answer.get("usergroups") or ():
            named = {str(one["id"]), str(one.get("handle"))}
            if one.get("date_delete"):
                disabled |= named
            else:
                self._ids |= dict.fromkeys(named, str(one["id"]))
        if group not in self._ids:
            raise SlackFault("usergroups.list", "disabled" if group in disabled else "no_such_subteam")
        return self._ids[group]

    # --- what is written down ---

    def _synced(self, wish: _Wish, before: frozenset[str], now: datetime) -> Callable[[Tx], None]:
        """Told in the log when it changed, also where an attempt in doubt had changed it already."""
        known = wish.known
        was = known.users if known and not known.fault and before == wish.users else before

        def then(tx: Tx) -> None:
            posts.save(tx, _Known(now, wish.users).post(wish.rota, wish.group))
            if was != wish.users:
                tx.note(_entry(wish, was, now))
            _again(tx, wish)

        if known and known.fault:
            log.info("slack.group_kept_again", rota=wish.rota, group=wish.group)
        return then

    def _refused(self, wish: _Wish, code: str, now: datetime) -> Callable[[Tx], None]:
        """Say so once, until it was good again or something else is wrong; the group stays as it is."""
        told = wish.known is not None and wish.known.fault == code
        if not told:
            log.warning("slack.group_not_kept", rota=wish.rota, group=wish.group, code=code)
        home = language.channels(self._desk).home
        why = home.group_why.get(code) or words.fill(home.group_other, code=code)
        text = words.fill(home.group_trouble, group=wish.group, rota=wish.rota, why=why)
        to = f"channel:{self._desk.settings.slack.channel}"

        def then(tx: Tx) -> None:
            posts.save(tx, _Known(now, wish.users, code).post(wish.rota, wish.group))
            if not told:
                jobs.put(tx, escalate.notice(f"group/{wish.rota}/{code}", to, text, now))
            _again(tx, wish)

        return then


def look(name: str, due: datetime) -> NewJob:
    """The wish that the group of the rota `name` is looked at."""
    return NewJob(f"group/{name}", "group", Lane.DIGEST, due, {"rota": name})


def _again(tx: Tx, wish: _Wish) -> None:
    """When the shift ends; what is changed by hand before is found by the time door's looks."""
    if wish.until < turns.LAST:
        jobs.put(tx, look(wish.rota, wish.until))


def _entry(wish: _Wish, before: frozenset[str], now: datetime) -> Entry:
    was, becomes = {"users": sorted(before)}, {"users": sorted(wish.users), "group": wish.group}
    return Entry("tocsin", "usergroup.synced", now, "tocsin", f"rota:{wish.rota}", wish.why, was, becomes)
