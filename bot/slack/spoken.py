"""What people type, as the words they meant: Slack's markup undone, numbers, lengths of time and names understood."""

import difflib
import re
from collections.abc import Iterable

from bot.model.incident import SEVERITIES
from bot.model.people import People
from bot.settings import Settings
from bot.slack import pieces

LONGEST = 7 * 24 * 60  #: minutes
_MARKUP = re.compile(r"<([^<>]*)>")
_INCIDENT = re.compile(r"#?(?:inc[-_]?)?([0-9]{1,15})[:,.;!?]*", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{1,6})\s?(?:(m|min|mins|minutes?|dk)|(h|hrs?|hours?|sa)|(d|days?|gün))?", re.IGNORECASE)
_SEVERITY = re.compile(r"(?:sev[-_ ]?)?([0-9])", re.IGNORECASE)
_USER = re.compile(r"@?([UW][A-Z0-9]{2,30})")
PREFIXES = ("person", "team", "rota", "lead")


def plain(markup: str) -> str:
    """What somebody typed, in one line: `<@U1|ada>` is `@U1`, `&lt;` is `<`, a link is its address."""
    parts = _MARKUP.split(markup)
    said = (_meant(part) if number % 2 else unescaped(part) for number, part in enumerate(parts))
    return pieces.clean("".join(said).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def unescaped(text: str) -> str:
    """The three characters that Slack escapes, and only those."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _meant(inside: str) -> str:
    target, _, label = inside.partition("|")
    label = unescaped(label)
    match target[:1]:
        case "@":
            return target
        case "#":
            return f"#{label or target[1:]}"
        case "!" if target.startswith("!subteam^"):
            return label or f"@{target.removeprefix('!subteam^')}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
    address = unescaped(target)
    if not label or label == address:
        return address
    return (
        label
        if address.removesuffix("/").endswith(f"/{label}") or address == f"mailto:{label}"
        else f"{label} ({address})"
    )


def incident(word: str) -> str | None:
    """`7`, `#7`, `inc-7` and `INC-7:` as INC-7; None for what is no number of an incident."""
    found = _INCIDENT.fullmatch(word)
    return f"INC-{int(found[1])}" if found else None


def minutes(word: str) -> int | None:
    """`30`, `30m`, `2h` and `1d` in minutes; None for what is no length of time between a minute and a week."""
    found = _SPAN.fullmatch(word.strip())
    if not found:
        return None
    count = int(found[1]) * (60 if found[3] else 24 * 60 if found[4] else 1)
    return count if 1 <= count <= LONGEST else None


def severity(word: str) -> str | None:
    """`sev1`, `SEV-1` and `1` as sev1; None when there is none such."""
    found = _SEVERITY.fullmatch(word.strip())
    return f"sev{found[1]}" if found and f"sev{found[1]}" in SEVERITIES else None


def user(word: str) -> str | None:
    """The Slack id in `@U01ADA`."""
    found = _USER.fullmatch(word)
    return found[1] if found else None


def target(word: str, settings: Settings) -> str | None:
    """`ada`, `@U01ADA`, `churn-ml`, `team:churn-ml` or `rota:nights` as a target; None when nobody is called so."""
    people = settings.people
    if (slack := user(word)) and (found := people.by_slack(slack)):
        return f"person:{found.name}"
    kind, colon, name = word.lower().partition(":")
    if colon and kind in PREFIXES:
        known = _known(settings)[kind]
        return f"{kind}:{known[name]}" if name in known else None
    for prefix in ("person", "team", "rota"):
        known = _known(settings)[prefix]
        if word.lower().removeprefix("@") in known:
            return f"{prefix}:{known[word.lower().removeprefix('@')]}"
    return None


def _known(settings: Settings) -> dict[str, dict[str, str]]:
    """By kind: names in small letters, and as they are written."""
    people = settings.people
    leads = [team.name for team in people.teams.values() if team.lead]
    named: dict[str, Iterable[str]] = {"person": people.persons, "team": people.teams, "rota": settings.rotas}
    return {kind: {name.lower(): name for name in names} for kind, names in (named | {"lead": leads}).items()}


def closest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names most like `word`, the best first."""
    names = {name.lower(): name for name in known}
    return [names[found] for found in difflib.get_close_matches(word.lower()[:60], names, most, 0.6)]


def everybody(settings: Settings) -> list[str]:
    """Every name that can be paged."""
    return [*settings.people.persons, *settings.people.teams, *settings.rotas]


def readable(words: str, people: People) -> str:
    """Words to be kept: mentions of people we know by their names."""

    def named(found: re.Match[str]) -> str:
        person = people.by_slack(found[1])
        return f"@{person.name}" if person else found[0]

    return re.sub(r"@([UW][A-Z0-9]{2,30})\b", named, words)
