"""Modals and home tabs: the views.* methods and what a submission's answer does to them."""

from collections.abc import Mapping
from dataclasses import replace

from bot.sandbox.workspace import forms
from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Json, View
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.state import State
from bot.slack import validate

DEEPEST = 3


def told(state: State, view: View) -> Json:
    """A view as Slack writes it."""
    base: Json = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
    }
    base |= {"clear_on_close": False, "notify_on_close": False, "submit_disabled": False}
    return (
        base
        | view.content
        | {
            "id": view.id,
            "team_id": state.team_id,
            "app_id": state.app_id,
            "app_installed_team_id": state.team_id,
            "bot_id": state.bot_id,
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "state": {"values": view.state},
        }
    )


def judged(state: State, content: object, surface: validate.Surface) -> Json:
    """The content of a view with its ids filled in, when Slack would take it; Denied otherwise."""
    if not isinstance(content, Mapping):
        raise Denied("invalid_arguments", response_metadata={"messages": ["[ERROR] must be a view object: view"]})
    faults = validate.validate(content, surface)
    if faults:
        messages = [f"[ERROR] {fault.rule} [json-pointer:/view{fault.pointer}]" for fault in faults]
        raise Denied("invalid_arguments", response_metadata={"messages": messages})
    made = dict(content)
    state.fill(made["blocks"])
    return made


def _asked(ask: Ask, surface: validate.Surface) -> Json:
    content = judged(ask.state, ask.json("view", "invalid_arguments"), surface)
    external = content.get("external_id")
    held = {v.content.get("external_id"): v for stack in ask.state.stacks.values() for v in stack}
    if external and external in held and held[external].id != ask.text("view_id"):
        raise Denied("duplicate_external_id")
    return content


def sheet(state: State, view: View) -> forms.Sheet:
    """The fields of a view as its person has them."""
    return forms.Sheet(state, view.blocks, view.state, (view.user, view.id))


def drawn(state: State, view: View) -> View:
    """A view with what stands in its fields written into its state."""
    return replace(view, state=sheet(state, view).values({}))


def typed(state: State, view: View, values: forms.Filled) -> View:
    """This stands in the fields now, by a person's hand; the app hears nothing of it yet, and the hash stays."""
    return _place(state, replace(view, state=values), noted=False)


def refused(state: State, view: View, errors: Mapping[str, str]) -> View:
    """The form shows what the app found wrong in it; what was typed stays, and so does the hash."""
    return _place(state, replace(view, errors=errors))


def raise_(state: State, user: str, content: Json, *, root: bool) -> View:
    """Shows a modal to a person: alone (`root`) or on top of the ones they have; Denied above three."""
    stack = [] if root else state.stacks.get(user, [])
    if len(stack) >= DEEPEST:
        raise Denied("push_limit_reached")
    view = View(state.fresh("V"), user, content, _hash(state))
    below = stack[-1] if stack else None
    view = replace(view, root_id=below.root_id if below else view.id, previous_id=below.id if below else None)
    view = drawn(state, view)
    state.stacks[user] = [*stack, view]
    state.note("view", view=view, user=user)
    return view


def change(state: State, view: View, content: Json) -> View:
    """Puts another content on the screen; fields whose ids are the same keep what stands in them."""
    held = forms.kept(view.state, list(content["blocks"]))
    changed = replace(view, content=content, errors={}, state=held, hash=_hash(state))
    return _place(state, drawn(state, changed))


def _place(state: State, view: View, *, noted: bool = True) -> View:
    if view.type == "home":
        state.homes[view.user] = view
    else:
        state.stacks[view.user] = [view if held.id == view.id else held for held in state.stacks[view.user]]
    if noted:
        state.note("home" if view.type == "home" else "view", view=view, user=view.user)
    return view


def close(state: State, user: str, *, all_: bool = False) -> None:
    """Takes the top modal away, or every one."""
    state.stacks[user] = [] if all_ else state.stacks.get(user, [])[:-1]
    state.note("view", user=user)


def _hash(state: State) -> str:
    return f"{int(state.clock.now().timestamp())}.{state.fresh('h')}"


def open_(ask: Ask) -> Json:
    """views.open: a modal for the person behind a trigger_id."""
    content = _asked(ask, "modal")
    user = ask.state.exchange(ask.need("trigger_id"))
    return {"view": told(ask.state, raise_(ask.state, user, content, root=True))}


def push(ask: Ask) -> Json:
    """views.push: one more modal on top of those the person has."""
    content = _asked(ask, "modal")
    user = ask.state.exchange(ask.need("trigger_id"))
    if not ask.state.stacks.get(user):
        raise Denied("not_found")
    return {"view": told(ask.state, raise_(ask.state, user, content, root=False))}


def update(ask: Ask) -> Json:
    """views.update: another content in a modal that is shown, unless it changed since the app saw it."""
    wanted, external = ask.text("view_id"), ask.text("external_id")
    held = [view for stack in ask.state.stacks.values() for view in stack]
    named = (
        (v, v.id == wanted if wanted else bool(external) and v.content.get("external_id") == external) for v in held
    )
    found = next((view for view, is_it in named if is_it), None)
    if found is None:
        raise Denied("not_found")
    content = _asked(ask, "modal")
    if ask.args.get("hash") and ask.text("hash") != found.hash:
        raise Denied("hash_conflict")
    return {"view": told(ask.state, change(ask.state, found, content))}


def publish(ask: Ask) -> Json:
    """views.publish: the home tab of one person."""
    person = ask.person("user_id")
    content = judged(ask.state, ask.json("view", "invalid_arguments"), "home")
    held = ask.state.homes.get(person.id)
    if held and ask.args.get("hash") and ask.text("hash") != held.hash:
        raise Denied("hash_conflict")
    view = held or View(ask.state.fresh("V"), person.id, content, "")
    view = replace(view, root_id=view.id)
    return {"view": told(ask.state, change(ask.state, view, content))}
