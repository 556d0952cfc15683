"""Alertmanager's labels and matchers, and our fields: which name means what.

A name of SHOWN means that field of ours, and is shown with that field's value; `alertname` is the title. Any other name
is a label, for that is what users of Alertmanager mean by it. So whoever silences what they are shown silences just
that. `label.NAME` and `field.NAME` name the others of either kind.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.errors import BadInput
from bot.model.matcher import Matcher
from bot.rules import matching, patterns

NAME = "alertname"
SHOWN = ("model", "environment", "entity", "kind", "severity", "version", "criticality", "connection")
_FIELD = "field."
#: (isEqual, isRegex) -> operator
OPERATORS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
_SIGNS = {operator: signs for signs, operator in OPERATORS.items()}
_FILTER = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:.]*|\"(?:[^\"\\]|\\.)+\")\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_NAMED = re.compile(r"[A-Za-z_:][\w.:/-]*", re.ASCII)
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


def of(facts: matching.Facts) -> dict[str, str]:
    """What an alert shows: its labels, and our fields in place of those that are called like one."""
    shown = dict(facts.alert.labels)
    for name in SHOWN:
        value = facts.get(name)
        shown[name] = "" if value is None else str(value)
    shown[NAME] = facts.alert.title
    return {name: value for name, value in sorted(shown.items()) if value}


def matcher(name: str, operator: str, value: str) -> Matcher:
    """The condition that `name operator value` means here; BadInput as `matching.parse`."""
    field = _field(name)
    if field == "severity" and operator in ("=", "!="):
        value = value.lower()  # as it is kept of every alert
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    if not _NAMED.fullmatch(name):  # or a name could bring a condition of its own
        raise BadInput(f'invalid label name "{name[:100]}"')
    return matching.parse(f'{field} {operator} "{quoted}"')


def _field(name: str) -> str:
    if name == NAME:
        return "title"
    if name in SHOWN or ("." in name and matching.known(name)):
        return name
    field = name.removeprefix(_FIELD)
    return field if field != name and matching.known(field) else f"label.{name}"


def _name(field: str) -> str:
    """The name by which `_field` finds it."""
    if field == "title":
        return NAME
    label = field.removeprefix("label.")
    plain = label if label != field else field
    return next(name for name in (plain, field, f"{_FIELD}{field}") if _field(name) == field)


def shown(condition: Matcher) -> dict[str, Any]:
    """A condition in Alertmanager's shape; one that compares numbers has its sign in its name."""
    name = _name(condition.field)
    if condition.op not in _SIGNS:
        return {"isEqual": True, "isRegex": False, "name": f"{name}{condition.op}", "value": condition.value}
    equal, regex = _SIGNS[condition.op]
    return {"isEqual": equal, "isRegex": regex, "name": name, "value": condition.value}


def filters(texts: Iterable[str]) -> list[Matcher]:
    """The conditions of `filter=` parameters, over labels as they are shown; BadInput in Alertmanager's words."""
    found = []
    for text in texts:
        match = _FILTER.fullmatch(text)
        if not match:
            raise BadInput(f"bad matcher format: {text[:200]}")
        name, operator, value = _unquoted(match[1]), match[2], _unquoted(match[3])
        if operator[-1] == "~":
            patterns.compiled(value)
        found.append(Matcher(name, operator, value))
    return found


def fit(conditions: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels meet all of the conditions; one that is not there is empty."""
    return all(_meets(labels.get(one.field, ""), one) for one in conditions)


def _meets(text: str, one: Matcher) -> bool:
    if one.op[-1] == "~":
        return (patterns.compiled(one.value)(text[: patterns.LONGEST]) is not None) == (one.op == "=~")
    return (text == one.value) == (one.op == "=")


def meets_nothing(one: Matcher) -> bool:
    """Whether a label that is not there meets the condition."""
    return _meets("", one) if one.op in _SIGNS else False


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[0]), text[1:-1], flags=re.DOTALL)
