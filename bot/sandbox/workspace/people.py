"""Who is who: auth.test, team.info, bots.info, users.*, dnd.info."""

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.conversations import page, turned
from bot.sandbox.workspace.nouns import Json, Person
from bot.sandbox.workspace.state import Denied


def told(ask: Ask, person: Person) -> Json:
    """A person as Slack writes one; the e-mail only for tokens that may read it, little of one who has left."""
    state = ask.state
    profile: Json = {"real_name": person.real_name, "display_name": person.name, "team": state.team_of(person)}
    if "users:read.email" in ask.token.scopes and not person.is_bot and not person.is_stranger:
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
    return facts | ({"locale": person.locale} if ask.flag("include_locale") else {})


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
    return {"team": {"id": ask.state.team_id, "name": "Workspace", "domain": ask.state.domain}}


def bots_info(ask: Ask) -> Json:
    """bots.info: the app's bot."""
    if ask.text("bot", ask.state.bot_id) != ask.state.bot_id:
        raise Denied("bot_not_found")
    state = ask.state
    bot = {"id": state.bot_id, "app_id": state.app_id, "user_id": state.bot_user, "name": state.app.name}
    return {"bot": bot | {"deleted": False, "updated": 0}}


def info(ask: Ask) -> Json:
    """users.info: one person."""
    return {"user": told(ask, ask.person())}


def list_(ask: Ask) -> Json:
    """users.list: everybody, page by page."""
    shown, cursor = page(ask, list(ask.state.people.values()))
    return {"members": [told(ask, person) for person in shown]} | turned(cursor)


def lookup_by_email(ask: Ask) -> Json:
    """users.lookupByEmail: the active member with that address."""
    wanted = ask.need("email").lower()
    for person in ask.state.people.values():
        if person.email.lower() == wanted and not (person.deleted or person.is_stranger or person.is_bot):
            return {"user": told(ask, person)}
    raise Denied("users_not_found")


def dnd_info(ask: Ask) -> Json:
    """dnd.info: whether a person has asked not to be disturbed, and until when."""
    person = ask.person() if ask.args.get("user") else ask.state.people[ask.state.bot_user]
    now = ask.state.clock.now()
    if person.dnd_until is None or person.dnd_until <= now:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1, "snooze_enabled": False}
    end = int(person.dnd_until.timestamp())
    return {
        "dnd_enabled": True,
        "next_dnd_start_ts": int(now.timestamp()) - 60,
        "next_dnd_end_ts": end,
        "snooze_enabled": True,
        "snooze_endtime": end,
        "snooze_remaining": end - int(now.timestamp()),
    }
