"""Whether a condition of a runbook holds for an alert."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from bot.errors import BadInput
from bot.model.alert import Alert, Kind, Measure
from bot.model.estate import Model
from bot.model.matcher import Matcher
from bot.rules import patterns

Value = str | float | None
Getter = Callable[[Alert, Model | None], Value]

FIELDS: Final[Mapping[str, str]] = {
    "kind": "drift, performance, data-quality, failure, latency, cost, safety or freshness",
    "environment": "where it runs, as the monitor or its connection says",
    "entity": "the business entity of the catalogued model, else the alert's",
    "model": "the catalogued name of the model or agent, else the name the alert gives",
    "model.kind": "model, agent or data; empty when it is not catalogued",
    "model.team": "the team that owns it; empty when it is not catalogued",
    "criticality": "low, medium, high or critical; empty when it is not catalogued",
    "version": "the version the alert is about",
    "source": "the plugin that read the alert",
    "connection": "the connection it came through",
    "title": "the alert's title",
    "severity": "the sender's own word, lower case",
    "metric": "the first measure's metric",
    "value": "the first measure's value",
    "threshold": "the first measure's threshold",
    "baseline": "the first measure's baseline",
    "sample_size": "the first measure's sample size",
    "feature": "the first measure's feature",
    "segment": "the first measure's segment",
    "label.NAME": "the alert's label NAME",
    "measure.NAME": "the value of the first measure whose metric is NAME",
    "drift.NAME": "the first measure or label called drift.NAME (or drift_NAME): share, verdict and the like",
}
OPERATORS: Final = ("=", "!=", "=~", "!~", "<", "<=", ">", ">=")
#: fields whose values are known beforehand, so that a misspelt one is refused; empty means not said
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": tuple(Kind),
    "model.kind": ("model", "agent", "data", ""),
    "criticality": ("low", "medium", "high", "critical", ""),
}
_FAMILIES = {name.removesuffix("NAME") for name in FIELDS if name.endswith(".NAME")}
_SYNTAX = re.compile(r"\s*([A-Za-z_][\w.:/-]*)\s*(=~|!~|!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def parse(text: str) -> Matcher:
    """The condition `field op value`; BadInput for an unknown field, a word for a number, or a pattern that is no good.

    A value may stand in double quotes, in which \\" and \\\\ stand for themselves, as in Alertmanager.
    """
    found = _SYNTAX.fullmatch(text)
    if not found:
        raise BadInput(f"{text!r} is no condition.", 'Write it as in: criticality = "critical", or: drift.share >= 0.3')
    field, operator, value = found.groups()
    if not known(field):
        raise BadInput(f"There is no field {field!r}.", f"Known are: {', '.join(FIELDS)}.")
    value = _unquoted(value, text)
    if len(value) > patterns.LONGEST:
        raise BadInput(f"The value of {field} is over {patterns.LONGEST} characters.", "Shorten it.")
    if operator[0] in "<>":
        _number(value, field)
    elif operator[-1] == "~":
        patterns.compiled(value)
    elif value not in CLOSED.get(field, (value,)):
        raise BadInput(f"{field} is never {value!r}.", f"It is one of: {', '.join(CLOSED[field])}.")
    return Matcher(field, operator, value)


def known(field: str) -> bool:
    """True for a field of FIELDS, `label.anything` and its like included."""
    family, dot, name = field.partition(".")
    return (field in FIELDS and not field.endswith(".NAME")) or (bool(name) and family + dot in _FAMILIES)


def _unquoted(value: str, text: str) -> str:
    if not value.startswith('"'):
        return value
    quoted = _QUOTED.fullmatch(value)
    if not quoted:
        raise BadInput(f"The quotes in {text!r} are not closed.", 'Close them, and write \\" for a quote inside.')
    inner = re.sub(r'\\(["\\])', r"\1", quoted[1])
    if inner != inner.strip() or inner.startswith('"'):
        raise BadInput(f"The value in {text!r} begins or ends with a space or a quote.", "Use a pattern: =~ .x.")
    return inner


def _number(value: str, field: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if number != number:
        raise BadInput(f"{field} is compared with {value!r}, which is no number.", "Write a number, as in 0.3.")
    return number


class Facts:
    """What is known of one alert and its catalogued model, looked up when asked for."""

    __slots__ = ("_known", "alert", "model")

    def __init__(self, alert: Alert, model: Model | None) -> None:
        """`model` is None when nobody has catalogued what the alert names."""
        self.alert = alert
        self.model = model
        self._known: dict[str, Value] = {}

    def get(self, field: str) -> Value:
        """The value of a field of FIELDS; None when the alert does not say."""
        try:
            return self._known[field]
        except KeyError:
            value = self._known[field] = getter(field)(self.alert, self.model)
            return value


@lru_cache(maxsize=4_096)
def getter(field: str) -> Getter:
    """How to find the value of a field of FIELDS in an alert and its model; what it gives is None when neither says."""
    return _GETTERS.get(field) or (lambda alert, model: _from_family(alert, field))


def holds(matchers: Iterable[Matcher], facts: Facts) -> bool:
    """True where every condition holds; text that is absent counts as empty, an absent number meets no comparison."""
    for matcher in matchers:
        value = facts.get(matcher.field)
        operator = matcher.op
        if operator == "=":
            if value != matcher.value and not _same(value, matcher.value):
                return False
        elif operator == "!=":
            if value == matcher.value or _same(value, matcher.value):
                return False
        elif operator[-1] == "~":
            text = "" if value is None else str(value)[: patterns.LONGEST]
            if (patterns.compiled(matcher.value)(text) is None) == (operator == "=~"):
                return False
        elif not compares(value, operator, float(matcher.value)):
            return False
    return True


def _same(value: Value, wanted: str) -> bool:
    """Equality beyond plain text: nothing is the empty text, 0.30 is 0.3."""
    if value is None:
        return not wanted
    if isinstance(value, str):
        return False
    try:
        return value == float(wanted)
    except ValueError:
        return False


def compares(value: Value, operator: str, limit: float) -> bool:
    """Whether a number, or text that is one, stands so to a limit; anything else does not."""
    if isinstance(value, str):
        try:
            value = float(value[:64])
        except ValueError:
            return False
    if value is None:
        return False
    if operator == ">=":
        return value >= limit
    if operator == ">":
        return value > limit
    return value <= limit if operator == "<=" else value < limit


def _first(alert: Alert) -> Measure:
    return alert.measures[0] if alert.measures else _NOTHING


_NOTHING = Measure("")
_GETTERS: Final[Mapping[str, Getter]] = {
    "kind": lambda alert, model: alert.kind,
    "environment": lambda alert, model: alert.environment,
    "entity": lambda alert, model: model.entity if model else alert.entity,
    "model": lambda alert, model: model.name if model else alert.model,
    "model.kind": lambda alert, model: model.kind if model else None,
    "model.team": lambda alert, model: model.team if model else None,
    "criticality": lambda alert, model: model.criticality if model else None,
    "version": lambda alert, model: alert.version,
    "source": lambda alert, model: alert.source,
    "connection": lambda alert, model: alert.connection,
    "title": lambda alert, model: alert.title,
    "severity": lambda alert, model: alert.severity,
    "metric": lambda alert, model: _first(alert).metric or None,
    "value": lambda alert, model: _first(alert).value,
    "threshold": lambda alert, model: _first(alert).threshold,
    "baseline": lambda alert, model: _first(alert).baseline,
    "sample_size": lambda alert, model: _first(alert).sample_size,
    "feature": lambda alert, model: _first(alert).feature,
    "segment": lambda alert, model: _first(alert).segment,
}


def _from_family(alert: Alert, field: str) -> Value:
    family, _, name = field.partition(".")
    if family == "label":
        return alert.labels.get(name)
    metric = name if family == "measure" else field
    for measure in alert.measures:
        if measure.metric == metric and measure.value is not None:
            return measure.value
    if family == "measure":
        return None
    # Prometheus allows no dot in the name of a label.
    return alert.labels.get(field, alert.labels.get(field.replace(".", "_")))
