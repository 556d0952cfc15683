"""By which rules an alert holds others back, and by which it may be held: rules of the configuration, and `feeds`.

Each is a pair of the rule's name and a key: what fires with a key holds whatever may be held by that very key.
"""

import hashlib
import json

from bot.model.alert import Alert
from bot.model.estate import Estate
from bot.model.held import Cause, Hold
from bot.model.incident import Incident
from bot.model.noise import FEED, Noise
from bot.rules import matching

Key = tuple[str, str]  #: the name of the rule, and the values that must be the same on both sides
LONGEST = 1000  # characters of a key; beyond that its digest stands for it, for no index takes more


def holds(noise: Noise, estate: Estate, facts: matching.Facts) -> list[Key]:
    """The keys under which this alert holds others, while it fires in an open incident."""
    found = [
        (rule.name, _key([facts.get(field) for field in rule.equal]))
        for rule in noise.inhibitions
        if matching.holds(rule.source, facts)
    ]
    model = facts.model
    if model is not None and model.feeds and facts.alert.kind in noise.feeds.kinds:
        below = estate.downstream(model.name)
        found += [(FEED, _feed(name, facts.alert)) for name in below if name != model.name]
    return found


def held_by(noise: Noise, estate: Estate, facts: matching.Facts) -> list[Key]:
    """The keys by which this alert may be held; never by a rule of which it is a source itself."""
    found = [
        (rule.name, _key([facts.get(field) for field in rule.equal]))
        for rule in noise.inhibitions
        if matching.holds(rule.target, facts) and not matching.holds(rule.source, facts)
    ]
    model = facts.model
    if model is not None and facts.alert.kind in noise.feeds.holds and model.name in estate.fed:
        found.append((FEED, _feed(model.name, facts.alert)))
    return found


def shadow(noise: Noise, rule: str) -> bool:
    """Whether the rule of that name only says what it would have held."""
    if rule == FEED:
        return noise.feeds.shadow
    return any(one.shadow for one in noise.inhibitions if one.name == rule)


def by(rule: str, incident: Incident) -> Hold:
    """What the rule does to an alert while one that holds it fires in `incident`."""
    why = f"Held by {rule} while {incident.id} is open ({incident.title})."
    return Hold(Cause.INHIBITION, rule, why, incident=incident.id)


def _feed(downstream: str, alert: Alert) -> str:
    return _key([downstream, alert.environment])


def _key(values: list[matching.Value]) -> str:
    """Equal keys mean equal values; what is absent is like the empty text, as Alertmanager has it."""
    written = json.dumps(["" if value is None else value for value in values])
    return written if len(written) <= LONGEST else f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"
