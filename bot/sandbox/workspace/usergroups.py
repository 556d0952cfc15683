"""The usergroups.* methods: who is mentioned by one handle."""

from dataclasses import replace

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Json, UserGroup
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State


def told(state: State, group: UserGroup, *, users: bool = False, count: bool = False) -> Json:
    """A user group as Slack writes it."""
    facts: Json = {
        "id": group.id,
        "team_id": state.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_create": group.updated,
        "date_update": group.updated,
        "date_delete": group.updated if group.disabled else 0,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
    }
    return facts | ({"users": list(group.users)} if users else {}) | ({"user_count": len(group.users)} if count else {})


def list_(ask: Ask) -> Json:
    """usergroups.list: every group; disabled ones where they are asked for."""
    users, count, disabled = (ask.flag(f"include_{what}") for what in ("users", "count", "disabled"))
    shown = [group for group in ask.state.groups.values() if disabled or not group.disabled]
    return {"usergroups": [told(ask.state, group, users=users, count=count) for group in shown]}


def _group(ask: Ask) -> UserGroup:
    found = ask.state.groups.get(ask.need("usergroup"))
    if found is None:
        raise Denied("no_such_subteam")
    return found


def list_users(ask: Ask) -> Json:
    """usergroups.users.list: the ids of those in a group."""
    group = _group(ask)
    if group.disabled and not ask.flag("include_disabled"):
        raise Denied("no_such_subteam")
    return {"users": list(group.users)}


def update_users(ask: Ask) -> Json:
    """usergroups.users.update: the whole list of a group anew; an empty one is refused."""
    group, users, state = _group(ask), ask.ids("users"), ask.state
    if not users:
        raise Denied("no_users_provided")
    known = [state.people.get(user) for user in users]
    if any(person is None or person.deleted or person.is_bot or person.is_stranger for person in known):
        raise Denied("invalid_users")
    changed = replace(group, users=tuple(users), updated=int(state.clock.now().timestamp()))
    state.groups[group.id] = changed
    state.note("group")
    _tell(state, group, changed)
    return {"usergroup": told(state, changed, users=True, count=ask.flag("include_count"))}


def _tell(state: State, before: UserGroup, after: UserGroup) -> None:
    facts = told(state, after, users=True, count=True)
    state.emit("subteam_updated", {"type": "subteam_updated", "subteam": facts, "event_ts": state.ts()})
    added = [user for user in after.users if user not in before.users]
    removed = [user for user in before.users if user not in after.users]
    if not added and not removed:
        return
    event: Json = {"type": "subteam_members_changed", "subteam_id": after.id, "team_id": state.team_id}
    event |= {"date_previous_update": before.updated, "date_update": after.updated}
    event |= {"added_users": added, "added_users_count": len(added)}
    event |= {"removed_users": removed, "removed_users_count": len(removed), "event_ts": state.ts()}
    state.emit("subteam_members_changed", event)
