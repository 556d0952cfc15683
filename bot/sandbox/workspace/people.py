"""Who is who: auth.test, team.info, bots.info, users.*, dnd.*."""

from dataclasses import replace

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.conversations import page, turned
from bot.sandbox.workspace.nouns import Json, Person
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State

MOST_ASKED = 50


def told(state: State, person: Person, *, email: bool, locale: bool = False) -> Json:
    """A person as Slack writes one; the e-mail only for tokens that may read it, little of one who has left."""
    profile: Json = {"real_name": person.real_name, "display_name": person.name, "team": state.team_of(person)}
    if email and not person.is_bot and not person.is_stranger:
        profile["email"] = person.email
    facts: Json = {
        "id": person.id,
        "team_id": state.team_of(person),
        "name": person.name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if person.is_stranger:
        facts["is_stranger"] = True
    if person.deleted:
        return facts
    facts |= {
        "real_name": person.real_name,
        "tz": person.tz,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_restricted": person.is_restricted or person.is_ultra_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
    }
    if not person.is_bot and not person.is_stranger:
        facts["is_email_confirmed"] = person.email_confirmed
    return facts | ({"locale": person.locale} if locale else {})


def _told(ask: Ask, person: Person) -> Json:
    email = "users:read.email" in ask.token.scopes
    return told(ask.state, person, email=email, locale=ask.flag("include_locale"))


def tell_change(state: State, before: Person, after: Person) -> None:
    """Tells the bot what became different about a person."""
    if before.dnd_until != after.dnd_until:
        status = _dnd(state, after, snoozes=False)
        event: Json = {"type": "dnd_updated_user", "user": after.id, "dnd_status": status}
        state.emit("dnd_updated_user", event | {"event_ts": state.ts()})
    if replace(before, dnd_until=None, presence="active") != replace(after, dnd_until=None, presence="active"):
        email = "users:read.email" in state.bot_scopes()
        stamps = {"cache_ts": int(state.clock.now().timestamp()), "event_ts": state.ts()}
        state.emit("user_change", {"type": "user_change", "user": told(state, after, email=email)} | stamps)


def tell_new(state: State, person: Person) -> None:
    """Tells the bot of somebody new."""
    email = "users:read.email" in state.bot_scopes()
    event: Json = {"type": "team_join", "user": told(state, person, email=email), "event_ts": state.ts()}
    state.emit("team_join", event)


def auth_test(ask: Ask) -> Json:
    """auth.test: whom the token speaks for."""
    state = ask.state
    who: Json = {"url": f"{state.origin}/", "team": state.domain, "team_id": state.team_id}
    if ask.token.kind == "app":
        return {"app_name": state.app.name, "app_id": state.app_id}
    return who | {
        "user": state.app.name,
        "user_id": state.bot_user,
        "bot_id": state.bot_id,
        "is_enterprise_install": False,
    }


def team_info(ask: Ask) -> Json:
    """team.info: the workspace itself."""
    if ask.text("team", ask.state.team_id) != ask.state.team_id:
        raise Denied("team_not_found")
    return {"team": {"id": ask.state.team_id, "name": ask.state.domain.title(), "domain": ask.state.domain}}


def bots_info(ask: Ask) -> Json:
    """bots.info: the app's bot."""
    if ask.text("bot", ask.state.bot_id) != ask.state.bot_id:
        raise Denied("bot_not_found")
    state = ask.state
    bot = {"id": state.bot_id, "app_id": state.app_id, "user_id": state.bot_user, "name": state.app.name}
    return {"bot": bot | {"deleted": False, "updated": 0}}


def info(ask: Ask) -> Json:
    """users.info: one person."""
    return {"user": _told(ask, ask.person())}


def list_(ask: Ask) -> Json:
    """users.list: everybody, page by page."""
    shown, cursor = page(ask, list(ask.state.people.values()))
    return {"members": [_told(ask, person) for person in shown]} | turned(cursor)


def lookup_by_email(ask: Ask) -> Json:
    """users.lookupByEmail: the active member with that address."""
    wanted = ask.need("email").lower()
    for person in ask.state.people.values():
        if person.email.lower() == wanted and not (person.deleted or person.is_stranger or person.is_bot):
            return {"user": _told(ask, person)}
    raise Denied("users_not_found")


def get_presence(ask: Ask) -> Json:
    """users.getPresence: whether a person is at their desk."""
    person = ask.person() if ask.args.get("user") else ask.state.people[ask.state.bot_user]
    return {"presence": "away" if person.deleted else person.presence}


def dnd_info(ask: Ask) -> Json:
    """dnd.info: whether a person has asked not to be disturbed, and until when."""
    person = ask.person() if ask.args.get("user") else ask.state.people[ask.state.bot_user]
    return _dnd(ask.state, person)


def dnd_team_info(ask: Ask) -> Json:
    """dnd.teamInfo: the same of up to 50 people at once; of those nobody knows nothing is said."""
    wanted = ask.ids("users")
    if len(wanted) > MOST_ASKED:
        raise Denied("too_many_users")
    known = [ask.state.people[user] for user in wanted if user in ask.state.people]
    return {"users": {person.id: _dnd(ask.state, person, snoozes=False) for person in known}, "cached": False}


def _dnd(state: State, person: Person, *, snoozes: bool = True) -> Json:
    now = state.clock.now()
    if person.dnd_until is None or person.dnd_until <= now:
        calm: Json = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
        return calm | ({"snooze_enabled": False} if snoozes else {})
    start, end = int(now.timestamp()), int(person.dnd_until.timestamp())
    busy: Json = {"dnd_enabled": True, "next_dnd_start_ts": start - 60, "next_dnd_end_ts": end}
    snooze = {"snooze_enabled": True, "snooze_endtime": end, "snooze_remaining": end - start}
    return busy | (snooze if snoozes else {})
