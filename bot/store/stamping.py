"""What an entry of the log is stamped with besides what its writer says: which act, by which door, by which rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.model import acts, seal
from bot.model.entry import NO_CONTEXT, Entry, Step

AUTOMATA = ("tocsin", "agent:", "platform:", "connection:")  #: how the actors begin who are no humans
_METHODS = {"slack": "slack", "connection": "secret", "login": "command line", "platform": "secret"}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is the same for every entry that this process writes until something is reloaded."""

    clock: str = ""  #: whose time the moments are
    version: str = ""  #: of Tocsin
    policy: str = ""  #: the digest of the configuration and the runbooks in force
    login: str = ""  #: whose account of the machine it is, where somebody types at it: login:ada@host


def contexts(entries: Sequence[Entry], known: Mapping[str, str], stamp: Stamp) -> list[bytes]:
    """Canonical JSON of the context of each entry of one transaction; `known` has who came as whom, by actor.

    A result that does not say of which act it is belongs to the press of the same transaction, where there was one.
    """
    made: dict[tuple[str, str], bytes] = {}  # intake writes many of one kind at once
    press, found = "", []
    for entry in entries:
        key = (entry.kind, entry.actor)
        if entry.context is NO_CONTEXT and key in made:
            found.append(made[key])
            continue
        step = acts.step(entry.kind)
        action = acts.action(entry, step)
        if step is Step.RESULT:
            action = action or press
        elif action:
            press = action
        said = seal.canonical(_said(entry, {"action": action, "step": step}, known, stamp))
        if step is Step.FACT and entry.context is NO_CONTEXT:
            made[key] = said
        found.append(said)
    return found


def _said(entry: Entry, act: Mapping[str, Any], known: Mapping[str, str], stamp: Stamp) -> dict[str, Any]:
    came = known.get(entry.actor) or str(entry.after.get("as") or entry.actor)
    identity = stamp.login if came == entry.actor and came.startswith("person:") else came
    method = _METHODS.get(identity.partition(":")[0], "")
    said = {
        **act,
        "identity": identity if method else "",
        "method": method,
        "policy": stamp.policy,
        "automation": entry.actor.startswith(AUTOMATA),
        "clock": stamp.clock,
        "version": stamp.version,
        **(seal.context(entry.context) if entry.context is not NO_CONTEXT else {}),
    }
    return {name: value for name, value in said.items() if value and value != Step.FACT}
