"""Which runbook is for an alert, and how severe it says the matter is."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.model.matcher import Matcher
from bot.model.runbook import Runbook
from bot.rules import matching, patterns

SEEN = 60  # characters of an alert's text that a reason quotes


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runbook, or None when none matches, and those it was preferred to."""

    runbook: Runbook | None
    others: tuple[Runbook, ...] = ()

    @property
    def why(self) -> str:
        """The reason in one sentence."""
        if self.runbook is None:
            return "No runbook matches."
        reason = f"{self.runbook.name} matches ({said(self.runbook.match)})"
        if not self.others:
            return f"{reason}."
        return f"{reason} more specifically than {', '.join(sorted(other.name for other in self.others))}."


def choose(runbooks: Sequence[Runbook], facts: matching.Facts) -> Chosen:
    """The most specific runbook whose conditions all hold: the one with more of them, then with more exact ones.

    A tie, which `ties` finds beforehand, goes to the first by name, so that every replica chooses the same.
    """
    fitting = [runbook for runbook in runbooks if matching.holds(runbook.match, facts)]
    if len(fitting) < 2:
        return Chosen(fitting[0]) if fitting else Chosen(None)
    best = min(fitting, key=_order)
    return Chosen(best, tuple(other for other in fitting if other is not best))


def why_not(runbook: Runbook, facts: matching.Facts, chosen: Runbook | None = None) -> str:
    """Why `runbook` was not the one, in one sentence: each condition that fails beside the value seen.

    One that matches lost to `chosen` by being less specific; empty where it is the one, or nothing else was.
    """
    failing = [condition for condition in runbook.match if not matching.holds((condition,), facts)]
    if failing:
        return f"{'; '.join(_seen(condition, facts) for condition in failing)}."
    if chosen is None or chosen.name == runbook.name:
        return ""
    lost, won = specificity(runbook.match), specificity(chosen.match)
    if lost == won:
        return f"It matches with equal right; {chosen.name} comes first by name."
    if lost[0] == won[0]:
        return f"It matches with fewer exact conditions: {lost[1]}, against {won[1]} of {chosen.name}."
    return f"It matches with fewer conditions: {lost[0]}, against {won[0]} of {chosen.name}."


def _seen(condition: Matcher, facts: matching.Facts) -> str:
    """A condition that fails, and what the alert says instead."""
    value, wanted = facts.get(condition.field), str(condition) if condition.value else f'{condition}""'
    if value is None or value == "":
        return f"{wanted} fails: the alert does not say"
    said = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{wanted} fails: it is {said[:SEEN]}{'…' if len(said) > SEEN else ''}"


def severity(runbook: Runbook, facts: matching.Facts) -> tuple[str, str]:
    """The first severity whose conditions hold, and why; the last has none, so there always is one."""
    for grade in runbook.severity:
        if grade.conditions and matching.holds(grade.conditions, facts):
            return grade.severity, f"{grade.severity} because {said(grade.conditions)}."
    default = runbook.severity[-1].severity
    reason = "because nothing worse holds" if len(runbook.severity) > 1 else "whatever the alert says"
    return default, f"{default} {reason}."


def said(matchers: Iterable[Matcher]) -> str:
    """Conditions as people say them."""
    return " and ".join(str(matcher) for matcher in matchers) or "everything"


def specificity(matchers: Sequence[Matcher]) -> tuple[int, int]:
    """How many conditions there are, and how many of them are exact."""
    return len(matchers), sum(matcher.op == "=" for matcher in matchers)


def _order(runbook: Runbook) -> tuple[int, int, str]:
    conditions, exact = specificity(runbook.match)
    return -conditions, -exact, runbook.name


def ties(runbooks: Iterable[Runbook]) -> list[tuple[Runbook, Runbook]]:
    """The pairs that one alert could match with equal right; two patterns count as overlapping unless seen apart."""
    return [
        (one, other)
        for one, other in combinations(runbooks, 2)
        if specificity(one.match) == specificity(other.match) and compatible((*one.match, *other.match))
    ]


def compatible(matchers: Iterable[Matcher]) -> bool:
    """False where no alert can meet all of these conditions, True where one may."""
    fields: dict[str, list[Matcher]] = {}
    for matcher in matchers:
        fields.setdefault(matcher.field, []).append(matcher)
    return all(_possible(conditions) for conditions in fields.values())


def _possible(conditions: Sequence[Matcher]) -> bool:
    """Whether one value can meet several conditions on it."""
    texts = _texts(conditions)
    if texts is not None:
        return any(all(_meets(text, condition) for condition in conditions) for text in texts)
    beginnings = [patterns.beginning(c.value) for c in conditions if c.op == "=~"]
    apart = any(not one.startswith(other) and not other.startswith(one) for one, other in combinations(beginnings, 2))
    return not apart and _reachable(conditions)


def _texts(conditions: Iterable[Matcher]) -> frozenset[str] | None:
    """The only values that come into question; None where they cannot be listed."""
    found: frozenset[str] | None = None
    for condition in conditions:
        listed = patterns.words(condition.value) if condition.op == "=~" else None
        if condition.op == "=":
            listed = frozenset({condition.value})
        if listed is not None:
            found = listed if found is None else found & listed
    return found


def _meets(text: str, condition: Matcher) -> bool:
    if condition.op == "=":
        return text == condition.value
    if condition.op == "!=":
        return text != condition.value
    if condition.op[-1] == "~":
        return (patterns.compiled(condition.value)(text) is not None) == (condition.op == "=~")
    return matching.compares(text, condition.op, float(condition.value))


def _reachable(conditions: Iterable[Matcher]) -> bool:
    """Whether a number can lie between all the limits."""
    low, high = (-math.inf, True), (math.inf, True)  # the limit, and whether it itself is allowed
    for condition in conditions:
        if condition.op in (">", ">="):
            low = max(low, (float(condition.value), condition.op == ">="), key=lambda limit: (limit[0], not limit[1]))
        elif condition.op in ("<", "<="):
            high = min(high, (float(condition.value), condition.op == "<="))
    return low[0] < high[0] or (low[0] == high[0] and low[1] and high[1])
