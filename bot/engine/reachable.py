"""Which tiers reach nobody, now or after a hand-over to come, and who cannot be reached at all.

It fires the steps as the bot itself would, so that what it says is what will happen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot import runbooks
from bot.model.incident import imagined
from bot.model.runbook import Policy, Tier
from bot.rules import escalation
from bot.rules import rota as rota_rule
from bot.rules.escalation import Roster
from bot.runbooks import Library
from bot.settings import Settings, fit

_Asked = tuple[tuple[str, ...], str]  # targets and the urgency with which they are paged


@dataclass(frozen=True, slots=True)
class Gap:
    """Targets that reach nobody from `at` on, and why; `tiers` are those that page them: (tier, runbook)."""

    targets: tuple[str, ...]
    at: datetime
    why: str
    tiers: tuple[tuple[str, str], ...]


def gaps(settings: Settings, library: Library, roster: Roster, start: datetime, end: datetime) -> list[Gap]:
    """One for each list of targets that reaches nobody at `start` or after a hand-over before `end`, the first first.

    `roster` holds the overrides of that whole span.
    """
    found: list[Gap] = []
    moments = _moments(roster, start, end)
    for (targets, urgency), tiers in _wanted(settings, library).items():
        for at in moments:
            if why := _nobody(targets, urgency, roster, at):
                found.append(Gap(targets, at, why, tuple(dict.fromkeys(tiers))))
                break
    return sorted(_joined(found), key=lambda gap: (gap.at, gap.targets))


def _joined(found: Iterable[Gap]) -> Iterable[Gap]:
    """One gap for targets that are asked both with high and with low urgency, at the earlier moment."""
    kept: dict[tuple[str, ...], Gap] = {}
    for gap in sorted(found, key=lambda one: one.at):
        first = kept.get(gap.targets)
        kept[gap.targets] = replace(first, tiers=tuple(dict.fromkeys((*first.tiers, *gap.tiers)))) if first else gap
    return kept.values()


def _wanted(settings: Settings, library: Library) -> dict[_Asked, list[tuple[str, str]]]:
    """Every list of targets that some tier pages for some model, and which tiers those are.

    What nobody has catalogued has no team: a target that asks for one is not counted as a gap.
    """
    wanted: dict[_Asked, list[tuple[str, str]]] = {}
    for book in library.runbooks:
        for model in fit.candidates(book, settings.estate):
            for severity in {grade.severity for grade in book.severity}:
                policy = runbooks.policy(book, severity, model, settings.escalation)
                last = Tier(escalation.FALLBACK, policy.fallback, policy.tiers[0].answer_within)
                for tier in (*policy.tiers, last):
                    if tier.page and not any("{" in target for target in tier.page):
                        wanted.setdefault((tier.page, policy.urgency), []).append((tier.name, book.name))
    return wanted


def _moments(roster: Roster, start: datetime, end: datetime) -> list[datetime]:
    """Now, and each moment at which somebody else holds a pager."""
    changes = {
        shift.start for rota in roster.rotas.values() for shift in rota_rule.shifts(rota, start, end, roster.overrides)
    }
    return sorted({start, *changes})


def _nobody(targets: tuple[str, ...], urgency: str, roster: Roster, at: datetime) -> str:
    """Why a step with these targets would page nobody; empty where it pages somebody."""
    tier = Tier("asked", targets, answer_within=at - at)
    fired = escalation.fire(imagined(Policy((tier,), tier.name, repeats=0, urgency=urgency), at), roster, at)
    return "" if fired.pages else fired.skipped[0][1]


def unreached(roster: Roster, at: datetime) -> list[str]:
    """The people of the configuration who cannot be reached by any of their ways, whatever the urgency."""
    policies = [Policy((), "asked", urgency=urgency) for urgency in ("high", "low")]
    return [
        name
        for name in roster.people.persons
        if not any(escalation.ask(imagined(policy, at), [name], roster, at, "", 1) for policy in policies)
    ]


def needed(settings: Settings, library: Library, roster: Roster) -> frozenset[str]:
    """The people whom some target names, whenever that may be."""
    targets = {target for page, _ in _wanted(settings, library) for target in page}
    return frozenset(name for target in targets for name in _behind(target, roster))


def _behind(target: str, roster: Roster) -> Iterable[str]:
    """Everybody who takes turns in a rota, or is meant by any other target."""
    kind, _, name = target.partition(":")
    rota, team = roster.rotas.get(name), roster.people.teams.get(name)
    if kind == "rota":
        return [member for layer in rota.layers for member in layer.members if member] if rota else ()
    if kind == "team":
        return team.members if team else ()
    if kind == "lead":
        return [team.lead] if team and team.lead else ()
    return (name,)
